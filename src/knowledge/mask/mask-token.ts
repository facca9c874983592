import { digit, divider, joiner, kindOf, letter } from './character.ts'
import { isDotted } from './dotted-name.ts'
import { maskPart, wildcard } from './mask-part.ts'
import { append, coreOf, type Masking, remember } from './masking.ts'
import { expectsName, isName, isNamingKey, isUnit } from './name-context.ts'
import { isQuoted } from './skeleton.ts'
import { add, addTerms, trimJoiners } from './terms.ts'

const placeholder = /<([a-z_]{3,20}:[0-9a-f]{6})>/y

/** A token with more than letters: its dividers stay, its parts are masked one by one. */
export function maskToken(masking: Masking, start: number, end: number, kinds: number): void {
  const { text, terms } = masking
  if ((kinds & (letter | digit)) === 0) {
    append(masking, text.slice(start, end), '')
    return
  }
  if (masking.lastCore === wildcard && end - start <= 6 && (kinds & digit) === 0) {
    const bare = text.slice(start, end).replace(/[,;:.)\]}]+$/, '')
    if (bare.length > 0 && isUnit(bare)) {
      masking.shape += text.slice(start + bare.length, end)
      return
    }
  }
  let out = ''
  let previous = ''
  let before = 0
  let keyed = false
  let at = start
  while (at < end) {
    const code = text.charCodeAt(at)
    if (kindOf(code) === divider) {
      if (code === 60) {
        const length = placeholderLength(text, at)
        if (length > 0) {
          add(terms, text.slice(at + 1, at + length - 1))
          out += wildcard
          previous = wildcard
          before = 0
          at += length
          continue
        }
        if (at === start && kindOf(text.charCodeAt(at + 1)) === digit) {
          at += 1
          continue
        }
      }
      if (code === 63 && previous.includes('/')) {
        at = maskQuery(masking, at, end)
        out += `?${wildcard}`
        continue
      }
      keyed ||= code === 61
      out += text[at]
      before = code
      at += 1
      continue
    }
    const partStart = at
    let partKinds = 0
    while (at < end) {
      const kind = kindOf(text.charCodeAt(at))
      if (kind === divider) break
      partKinds |= kind
      at += 1
    }
    out += maskedPart(masking, partStart, at, partKinds, before, previous)
    previous = text.slice(partStart, at)
  }
  if (out.includes(',<*>')) out = out.replace(/<\*>(?:,<\*>)+/g, wildcard)
  remember(masking, keyed ? '' : previous)
  append(masking, out, out.includes(wildcard) ? coreOf(out) : '')
}

/** The query of a URL is one wildcard; its keys and values are terms. Answers where it ends. */
function maskQuery(masking: Masking, start: number, end: number): number {
  const { text } = masking
  let at = start + 1
  let partStart = at
  for (; at <= end; at += 1) {
    const code = at === end ? 32 : text.charCodeAt(at)
    const isEnd = at === end || endsQuery(code)
    if (!isEnd && kindOf(code) !== divider) continue
    if (at > partStart) addTerms(masking.terms, text.slice(partStart, at))
    if (isEnd) break
    partStart = at + 1
  }
  return at
}

function endsQuery(code: number): boolean {
  return code === 34 || code === 39 || code === 41 || code === 60 || code === 62 || code === 93
}

/** One part, by what stands around it: a key's value, a quoted word, or a part of its own right. */
function maskedPart(
  masking: Masking,
  start: number,
  end: number,
  kinds: number,
  before: number,
  key: string,
): string {
  const { text, terms } = masking
  const part = text.slice(start, end)
  const masked = maskPart(part, kinds)
  if (masked !== part) {
    addTerms(terms, part)
    return masked
  }
  const after = text.charCodeAt(end)
  const quoted = isQuoted(text, start, end)
  if (before === 61 || (quoted && text.charCodeAt(start - 2) === 61)) {
    addTerms(terms, part)
    return isNamingKey(key) && after !== 40 ? wildcard : part
  }
  if (quoted || ((kinds & joiner) !== 0 && isDotted(part))) addTerms(terms, part)
  if (key !== '' || !expectsName(masking.beforePrevious, masking.previous)) return part
  const name = trimJoiners(part)
  const closed =
    quoted || (before === 0 && after !== 61 && (name !== part || kindOf(after) === divider))
  if (!closed || !isName(masking.previous, name, '')) return part
  addTerms(terms, part)
  return wildcard
}

/** The length of a redaction's placeholder at `start`, 0 when there is none. */
function placeholderLength(text: string, start: number): number {
  placeholder.lastIndex = start
  const match = placeholder.exec(text)
  return match === null ? 0 : match[0].length
}

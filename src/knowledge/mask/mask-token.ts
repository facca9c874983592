import { digit, divider, isSpace, joiner, kindOf, letter } from './character.ts'
import { isDotted } from './dotted-name.ts'
import { maskPart, wildcard } from './mask-part.ts'
import { append, coreOf, type Masking, nextToken, remember } from './masking.ts'
import { expectsName, isBoolean, isName, isTellingKey, isUnit } from './name-context.ts'
import { isQuoted } from './skeleton.ts'
import { add, addTerms, trimJoiners } from './terms.ts'

/** UTF-16 units of a quoted value that is masked as one. */
const longestValue = 200
const placeholder = /<([a-z_]{3,20}:[0-9a-f]{6})>/y

/**
 * A token with more than letters: its dividers stay, its parts are masked one by one. Answers where
 * it ends, behind `end` where it takes a quoted value with blanks along.
 */
export function maskToken(
  masking: Masking,
  start: number,
  tokenEnd: number,
  kinds: number,
): number {
  const { text, terms } = masking
  let end = tokenEnd
  if ((kinds & (letter | digit)) === 0) {
    append(masking, text.slice(start, end), '')
    masking.key = text.charCodeAt(end - 1) === 61 ? masking.previous : ''
    return end
  }
  if (masking.lastCore === wildcard && end - start <= 6 && (kinds & digit) === 0) {
    const bare = text.slice(start, end).replace(/[,;:.)\]}]+$/, '')
    if (bare.length > 0 && isUnit(bare)) {
      masking.shape += text.slice(start + bare.length, end)
      return end
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
      if (before === 61 && (code === 34 || code === 39)) {
        const close = quotedEnd(masking, at, end)
        if (close > 0 && !isTellingKey(previous === '' ? masking.previous : previous)) {
          addWords(terms, text, at + 1, close)
          out += text[at] + wildcard + text[at]
          previous = wildcard
          before = 0
          at = close + 1
          while (end < masking.length && (end < at || !isSpace(text.charCodeAt(end)))) end += 1
          continue
        }
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
    const part = text.slice(partStart, at)
    if (partKinds === digit) {
      add(terms, part)
      out += wildcard
    } else {
      out += maskedPart(masking, part, partStart, partKinds, before, previous)
    }
    previous = part
  }
  if (out.includes(',<*>')) out = out.replace(/<\*>(?:,<\*>)+/g, wildcard)
  remember(masking, keyed ? '' : previous)
  if (before === 61 && text.charCodeAt(end - 1) === 61) masking.key = previous
  append(masking, out, out.includes(wildcard) ? coreOf(out) : '')
  return end
}

/**
 * Where the quoted value that opens at `start` and goes on behind `end` closes; 0 for one of a
 * single word, or that is too long to be one.
 */
function quotedEnd(masking: Masking, start: number, end: number): number {
  const { text, length } = masking
  const quote = text.charCodeAt(start)
  const most = Math.min(length, start + longestValue)
  for (let at = start + 1; at < most; at += 1)
    if (text.charCodeAt(at) === quote) return at < end ? 0 : at
  return 0
}

function addWords(terms: Set<string>, text: string, start: number, end: number): void {
  let wordStart = start
  for (let at = start; at <= end; at += 1) {
    const code = text.charCodeAt(at)
    if (at < end && !isSpace(code) && kindOf(code) !== divider) continue
    if (at > wordStart) addTerms(terms, text.slice(wordStart, at))
    wordStart = at + 1
  }
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
  part: string,
  start: number,
  kinds: number,
  before: number,
  key: string,
): string {
  const { text, terms } = masking
  const end = start + part.length
  const masked = maskPart(part, kinds)
  if (masked !== part) {
    addTerms(terms, part)
    return masked
  }
  if (kinds === letter && isBoolean(part)) return wildcard
  const after = text.charCodeAt(end)
  const quoted = isQuoted(text, start, end)
  const valued = before === 0 ? masking.key : before === 61 && key === '' ? masking.previous : key
  const isValue =
    before === 61 ||
    (before === 0 && masking.key !== '' && key === '') ||
    (quoted && text.charCodeAt(start - 2) === 61)
  if (isValue) {
    addTerms(terms, part)
    return after !== 40 && valued !== '' && !isTellingKey(valued) ? wildcard : part
  }
  if (quoted || ((kinds & joiner) !== 0 && isDotted(part))) addTerms(terms, part)
  if (key !== '' || (before !== 0 && !quoted)) return part
  if (before === 0 && isSigned(part)) return wildcard
  if (!expectsName(masking.beforePrevious, masking.previous)) return part
  return maskedName(masking, part, end)
}

/** A part where a name is expected, alone or with punctuation around it. */
function maskedName(masking: Masking, part: string, end: number): string {
  const { text, terms, length } = masking
  const name = trimJoiners(part)
  const after = text.charCodeAt(end)
  const whole = end >= length || isSpace(after)
  if (!whole && (after === 61 || (kindOf(after) !== divider && name === part))) return part
  const next = whole && name === part ? nextToken(masking, end) : ''
  if (!isName(masking.previous, name, next)) return part
  addTerms(terms, part)
  return wildcard
}

/** A letter with a sign behind it: a direction. */
function isSigned(part: string): boolean {
  if (part.length !== 2) return false
  const sign = part.charCodeAt(1)
  return (sign === 43 || sign === 45) && kindOf(part.charCodeAt(0)) === letter
}

/** The length of a redaction's placeholder at `start`, 0 when there is none. */
function placeholderLength(text: string, start: number): number {
  placeholder.lastIndex = start
  const match = placeholder.exec(text)
  return match === null ? 0 : match[0].length
}

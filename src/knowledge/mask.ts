import { digit, divider, isSpace, joiner, kindOf, letter } from './mask/character.ts'
import { maskPart, wildcard } from './mask/mask-part.ts'
import { expectsName, isCalendarWord, isName, isNamingKey, isUnit } from './mask/name-context.ts'
import { isDotted } from './mask/skeleton.ts'
import { add, addTerms, trimJoiners } from './mask/terms.ts'

/** What of a body is masked, in UTF-16 units; what stands behind that is in neither shape nor terms. */
export const maxMaskedLength = 8_192

const placeholder = /<([a-z_]{3,20}:[0-9a-f]{6})>/y

interface Masking {
  text: string
  /** Where the text ends for us. */
  length: number
  terms: Set<string>
  shape: string
  /** Where the shape's last token starts, and the core that it has if it is variable. */
  lastStart: number
  lastCore: string
  /** The last two words as they were written, without punctuation. */
  previous: string
  beforePrevious: string
}

/**
 * Masks what varies between lines of one kind, the same in every worker and at every time.
 *
 * `shape` is the text with its variable parts as `<*>` and single blanks: numbers, ids, addresses, hosts with digits,
 * times, sizes, the values of keys that name things, names of users. Repeated wildcards are one, so a list has one
 * shape whatever its length. `terms` are what was masked, and all other tokens that `generalise` may take out of a
 * template: lower case, each once, within `termLimits`, as a person would type them (the whole address, the host, the
 * port). So each word of the body is in the shape or in the terms, except numbers of one or two digits,
 * decimals and units. Plain words are never masked and never generalised.
 */
export function maskBody(body: string): { shape: string; terms: string[] } {
  const masking: Masking = {
    text: body,
    length: Math.min(body.length, maxMaskedLength),
    terms: new Set(),
    shape: '',
    lastStart: 0,
    lastCore: '',
    previous: '',
    beforePrevious: '',
  }
  const { length } = masking
  let at = 0
  while (at < length) {
    if (isSpace(body.charCodeAt(at))) {
      at += 1
      continue
    }
    const start = at
    let kinds = 0
    while (at < length) {
      const code = body.charCodeAt(at)
      if (isSpace(code)) break
      kinds |= kindOf(code)
      at += 1
    }
    if (kinds === letter) maskWord(masking, start, at)
    else maskToken(masking, start, at, kinds)
  }
  return { shape: masking.shape, terms: [...masking.terms] }
}

/** A token of letters alone: a word, unless its neighbours make it a unit, a date's or a person's name. */
function maskWord(masking: Masking, start: number, end: number): void {
  const word = masking.text.slice(start, end)
  if (masking.lastCore === wildcard && word.length <= 4 && isUnit(word)) return
  const variable = isVariableWord(masking, word, end)
  remember(masking, word)
  if (variable) {
    add(masking.terms, word)
    append(masking, wildcard, wildcard)
  } else {
    append(masking, word, '')
  }
}

function isVariableWord(masking: Masking, word: string, end: number): boolean {
  if (word.length <= 9 && word.length >= 3 && isCalendarWord(word)) {
    const next = nextToken(masking, end)
    return kindOf(next.charCodeAt(0)) === digit || isCalendarWord(next)
  }
  const { beforePrevious, previous } = masking
  return expectsName(beforePrevious, previous) && isName(previous, word, nextToken(masking, end))
}

function remember(masking: Masking, word: string): void {
  masking.beforePrevious = masking.previous
  masking.previous = word
}

/** The token that follows, without the comma or colon behind it. */
function nextToken(masking: Masking, from: number): string {
  const { text, length } = masking
  let start = from
  while (start < length && isSpace(text.charCodeAt(start))) start += 1
  let end = start
  while (end < length && end < start + 32 && !isSpace(text.charCodeAt(end))) end += 1
  return text.slice(start, end).replace(/[,:;.]+$/, '')
}

/** A token with more than letters: its dividers stay, its parts are masked one by one. */
function maskToken(masking: Masking, start: number, end: number, kinds: number): void {
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
    const part = text.slice(partStart, at)
    out += maskedPart(masking, part, partKinds, before, previous, text.charCodeAt(at))
    previous = part
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
  part: string,
  kinds: number,
  before: number,
  key: string,
  after: number,
): string {
  const { terms } = masking
  const masked = maskPart(part, kinds)
  if (masked !== part) {
    addTerms(terms, part)
    return masked
  }
  if (before === 61) {
    addTerms(terms, part)
    return isNamingKey(key) && after !== 40 ? wildcard : part
  }
  const quoted = (before === 34 || before === 39 || before === 96) && after === before
  if (quoted || ((kinds & joiner) !== 0 && isDotted(part))) addTerms(terms, part)
  if (key !== '' || !expectsName(masking.beforePrevious, masking.previous)) return part
  const name = trimJoiners(part)
  const closed =
    quoted || (before === 0 && after !== 61 && (name !== part || kindOf(after) === divider))
  if (!closed || !isName(masking.previous, name, '')) return part
  addTerms(terms, part)
  return wildcard
}

/** Appends a token; one that only goes on with a list of its predecessor's kind takes its place. */
function append(masking: Masking, token: string, core: string): void {
  if (core !== '' && core === masking.lastCore && token.startsWith(core)) {
    const last = masking.shape.slice(masking.lastStart)
    const coreEnd = last.indexOf(core) + core.length
    if (coreEnd === last.length || (coreEnd === last.length - 1 && last.endsWith(','))) {
      const kept = masking.shape.slice(0, masking.lastStart + coreEnd)
      masking.shape = kept + token.slice(core.length)
      return
    }
  }
  masking.lastStart = masking.shape === '' ? 0 : masking.shape.length + 1
  masking.shape = masking.shape === '' ? token : `${masking.shape} ${token}`
  masking.lastCore = core
}

/** A token without the brackets, quotes and commas around it. */
function coreOf(token: string): string {
  if (token === wildcard) return token
  let start = 0
  let end = token.length
  while (start < end && opening.includes(token[start] ?? '')) start += 1
  while (end > start && closing.includes(token[end - 1] ?? '')) end -= 1
  return token.slice(start, end)
}

const opening = '([{"\''
const closing = ',;:.)]}"\''

/** The length of a redaction's placeholder at `start`, 0 when there is none. */
function placeholderLength(text: string, start: number): number {
  placeholder.lastIndex = start
  const match = placeholder.exec(text)
  return match === null ? 0 : match[0].length
}

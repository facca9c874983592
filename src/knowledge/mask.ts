import { addNames, roomForNames, sortLines } from './mask/body-lines.ts'
import { digit, isSpace, kindOf, letter } from './mask/character.ts'
import { isHexWord, wildcard } from './mask/mask-part.ts'
import { maskToken } from './mask/mask-token.ts'
import { append, type Masking, nextToken, remember } from './mask/masking.ts'
import {
  expectsName,
  isBoolean,
  isCalendarWord,
  isName,
  isTellingKey,
  isUnit,
} from './mask/name-context.ts'
import { add } from './mask/terms.ts'

/**
 * What of a line is masked, in UTF-16 units; what stands behind that is in neither shape nor terms.
 */
export const maxMaskedLength = 8_192
/** Where exceptions are looked for in a body of several lines, in UTF-16 units. */
const maxScannedLength = 32_768

/**
 * Masks what varies between lines of one kind, the same in every worker and at every time.
 *
 * `shape` is the text with its variable parts as `<*>` and single blanks: numbers, ids, addresses,
 * hosts with digits, times, sizes, booleans, the values of keys, names of users. A key that says
 * what happened (`state=`) keeps its value. Repeated wildcards are one, so a list has one shape
 * whatever its length. `terms` are what was masked, and all other tokens that a pattern's key takes
 * out of a shape: lower case, each once, within `termLimits`, as a person would type them (the
 * whole address, the host, the port). So each word of a line is in the shape or in the terms,
 * except numbers of one or two digits, decimals, booleans and units. Other
 * words are never masked and never generalised.
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
    key: '',
  }
  const { length } = masking
  const headEnd = body.indexOf('\n')
  if (headEnd < 0 || headEnd >= length) maskRange(masking, 0)
  else maskLines(masking, headEnd)
  return { shape: masking.shape, terms: [...masking.terms] }
}

/** A body of several lines: the first as ever, of the others what says what happened. */
function maskLines(masking: Masking, headEnd: number): void {
  const { text, terms } = masking
  masking.length = headEnd
  maskRange(masking, 0)
  const { said, leftOut } = sortLines(text, headEnd + 1, Math.min(text.length, maxScannedLength))
  for (const { start, end } of said) {
    masking.previous = ''
    masking.beforePrevious = ''
    masking.key = ''
    masking.lastCore = ''
    masking.length = end
    maskRange(masking, start)
  }
  const room = roomForNames(terms)
  for (const span of leftOut) addNames(terms, text, span, room)
}

/** Masks the tokens from `start` to the masking's length. */
function maskRange(masking: Masking, start: number): void {
  const { text, length } = masking
  let at = start
  while (at < length) {
    if (isSpace(text.charCodeAt(at))) {
      at += 1
      continue
    }
    const tokenStart = at
    let kinds = 0
    while (at < length) {
      const code = text.charCodeAt(at)
      if (isSpace(code)) break
      kinds |= kindOf(code)
      at += 1
    }
    if (kinds === letter) maskWord(masking, tokenStart, at)
    else at = maskToken(masking, tokenStart, at, kinds)
  }
}

/**
 * A token of letters alone: a word, unless its neighbours make it a unit, a key's value, a date's
 * or a person's name.
 */
function maskWord(masking: Masking, start: number, end: number): void {
  const word = masking.text.slice(start, end)
  if (masking.lastCore === wildcard && word.length <= 4 && isUnit(word)) return
  if (isBoolean(word)) {
    remember(masking, word)
    append(masking, wildcard, wildcard)
    return
  }
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
  if (masking.key !== '') return !isTellingKey(masking.key)
  if (word.length >= 8 && isHexWord(word)) return true
  if (word.length <= 9 && word.length >= 3 && isCalendarWord(word)) {
    const next = nextToken(masking, end)
    return kindOf(next.charCodeAt(0)) === digit || isCalendarWord(next)
  }
  const { beforePrevious, previous } = masking
  return expectsName(beforePrevious, previous) && isName(previous, word, nextToken(masking, end))
}

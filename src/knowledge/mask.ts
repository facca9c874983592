import { digit, isSpace, kindOf, letter } from './mask/character.ts'
import { wildcard } from './mask/mask-part.ts'
import { maskToken } from './mask/mask-token.ts'
import { append, type Masking, nextToken, remember } from './mask/masking.ts'
import { expectsName, isCalendarWord, isName, isUnit } from './mask/name-context.ts'
import { add } from './mask/terms.ts'

/**
 * What of a body is masked, in UTF-16 units; what stands behind that is in neither shape nor terms.
 */
export const maxMaskedLength = 8_192

/**
 * Masks what varies between lines of one kind, the same in every worker and at every time.
 *
 * `shape` is the text with its variable parts as `<*>` and single blanks: numbers, ids, addresses,
 * hosts with digits, times, sizes, the values of keys that name things, names of users. Repeated
 * wildcards are one, so a list has one shape whatever its length. `terms` are what was masked, and
 * all other tokens that `generalise` may take out of a template: lower case, each once, within
 * `termLimits`, as a person would type them (the whole address, the host, the port). So each word
 * of the body is in the shape or in the terms, except numbers of one or two digits, decimals and
 * units. Plain words are never masked and never generalised.
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

/**
 * A token of letters alone: a word, unless its neighbours make it a unit, a date's or a person's
 * name.
 */
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

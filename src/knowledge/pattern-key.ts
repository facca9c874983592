import { kindOf, letter } from './mask/character.ts'
import { wildcard } from './mask/mask-part.ts'
import { skeletonOf } from './mask/skeleton.ts'

/** Tokens of a shape that count; what stands behind them tells no patterns apart. */
export const maxKeyTokens = 200
const longestPeriod = 4
const unitWord =
  /^(?:bytes?|bits?|(?:milli|micro|nano)?sec(?:ond)?s?|millis|msecs?|usecs?|minutes?|hours?|days?|percent)[)\],.;:]*$/

/**
 * What the shapes of one pattern have in common, a pure function of each: two shapes are one
 * pattern when their keys are equal. So the patterns of a set of lines depend neither on their
 * order nor on who met them first.
 *
 * Of a shape's tokens it keeps the words, which say what happened, and takes out what only names
 * things (skeleton.ts). Neighbouring wildcards are one, and so are repeats of a group of tokens
 * with a wildcard: a list has one key whatever its length. A key's key is itself.
 */
export function patternKey(shape: string): string {
  return collapse(generalTokens(tokenize(shape))).join(' ')
}

/** A shape's tokens: what blanks part. */
export function tokenize(shape: string): string[] {
  return shape === '' ? [] : shape.split(' ', maxKeyTokens)
}

/** Each token without what varies, as many as before. */
export function generalTokens(tokens: readonly string[]): string[] {
  const leads = tokens.length === 1 || !isWord(tokens[1] ?? '')
  return tokens.map((token, at) => skeletonOf(token, leads && at === 0))
}

/** A word of a sentence: letters, with at most a comma or a stop behind them. */
function isWord(token: string): boolean {
  for (let at = 0; at < token.length; at += 1) {
    if (kindOf(token.charCodeAt(at)) === letter) continue
    return at > 0 && at === token.length - 1 && /[,.;:!?]/.test(token.charAt(at))
  }
  return true
}

/** Without the repeats of groups of one to four tokens that have a wildcard. */
function collapse(tokens: readonly string[]): string[] {
  const kept: string[] = []
  for (const token of tokens) {
    if (isUnitWord(token) && endsInNumber(kept.at(-1) ?? '')) continue
    kept.push(token)
    for (let period = 1; period <= longestPeriod; period += 1) {
      if (!endsInRepeat(kept, period)) continue
      kept.length -= period
      break
    }
  }
  return kept
}

/** True for a written-out unit, with or without what closes it: no unit says it as well. */
function isUnitWord(token: string): boolean {
  return token.length <= 14 && unitWord.test(token)
}

function endsInNumber(token: string): boolean {
  return token.endsWith(wildcard) || token === `(${wildcard})`
}

/** True when the last tokens say again what as many before them said, up to a comma at the end. */
function endsInRepeat(tokens: readonly string[], period: number): boolean {
  const start = tokens.length - period
  if (start < period) return false
  let wild = false
  for (let at = start; at < tokens.length; at += 1) {
    const token = withoutComma(tokens[at] ?? '')
    if (token !== withoutComma(tokens[at - period] ?? '')) return false
    wild ||= token.includes(wildcard)
  }
  return wild
}

function withoutComma(token: string): string {
  return token.endsWith(',') || token.endsWith(';') ? token.slice(0, -1) : token
}

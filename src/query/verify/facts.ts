import { flatten } from '../answer/quote-line.ts'
import { asUtc, type Zone } from '../time/zone.ts'

/** What something proves: the tokens, numbers, times and wording that a claim may take from it. */
export interface Facts {
  /** Lower case. */
  wording: string
  tokens: ReadonlySet<string>
  /** As `numberOf` writes them. */
  numbers: ReadonlySet<string>
  /** "14:32", "14:32:10", "14:32:10.123", "2026-11-23", "11-23", "2026". */
  times: ReadonlySet<string>
}

/** Of a longer line, only this much proves anything. */
const maxLine = 16_000
const dividers = /[\s=,;()[\]{}<>"'`|&?!“”~*]+/
const clock = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?$/
const dateLike = /^\d{4}[-/]\d{2}[-/]\d{2}/
const address = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/

/** Collects facts from texts, numbers and moments; moments as the clocks of all `zones` show them. */
export function createFacts(
  zones: readonly Zone[],
  from: { texts?: readonly string[]; numbers?: readonly number[]; moments?: readonly Date[] },
): Facts {
  const tokens = new Set<string>()
  const numbers = new Set<string>((from.numbers ?? []).map(String))
  const times = new Set<string>()
  const texts = (from.texts ?? []).map((text) => flatten(text.slice(0, maxLine)).toLowerCase())
  for (const text of texts) for (const token of text.split(dividers)) addToken(token)
  for (const moment of from.moments ?? [])
    for (const zone of zones) for (const time of timesOf(moment, zone)) times.add(time)
  return { wording: texts.join('\n'), tokens, numbers, times }

  function addToken(raw: string): void {
    const token = trimToken(raw)
    if (token === '') return
    tokens.add(token)
    for (const time of token.split(/[t_]/)) {
      if (clock.test(time)) for (const part of clockParts(time)) times.add(part)
      else if (dateLike.test(time)) {
        const date = time.slice(0, 10).replaceAll('/', '-')
        times.add(date).add(date.slice(5)).add(date.slice(0, 4))
      }
    }
    const whole = numberOf(token)
    if (whole !== null) numbers.add(whole)
    if (clock.test(token) || dateLike.test(token) || address.test(token)) {
      for (const part of token.split(/[:/]/)) tokens.add(part)
      return
    }
    for (const part of token.split(/[:/@\\#]+/)) {
      const piece = trimToken(part)
      if (piece === '' || piece === token) continue
      tokens.add(piece)
      const number = numberOf(piece)
      if (number !== null) numbers.add(number)
    }
    // A short piece of an id proves no number: of "ORD-489357" 489357 is one, of "pod-7f-2" 2 is not.
    for (const [piece] of token.matchAll(/[\p{L}\d]{4,}/gu)) {
      tokens.add(piece)
      const number = numberOf(piece)
      if (number !== null) numbers.add(number)
    }
  }
}

/** A token without the punctuation around it. */
export function trimToken(token: string): string {
  return token.replace(/^[^\p{L}\p{N}/]+|[^\p{L}\p{N}%]+$/gu, '')
}

/** "1,234", "1234", "01234" and "1234.0" are one number, "90%" and "482s" are 90 and 482; null for what is none. */
export function numberOf(token: string): string | null {
  const match =
    /^[+-]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:%|[a-zµ]{1,3}|secs?|mins?|hours?|bytes?|times)?$/i.exec(
      token,
    )
  if (!match?.[1]) return null
  const whole = match[1].replaceAll(',', '').replace(/^0+(?=\d)/, '')
  const fraction = (match[2] ?? '').replace(/\.?0+$/, '')
  return whole + fraction
}

/** "14:32:10.123" with what is left of it when it is said less exactly. */
export function clockParts(time: string): string[] {
  const [, hour = '', minute = '', second, fraction] =
    /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?$/.exec(time) ?? []
  const short = `${hour.padStart(2, '0')}:${minute}`
  const parts = [short]
  if (second !== undefined) parts.push(`${short}:${second}`)
  if (second !== undefined && fraction !== undefined)
    parts.push(`${short}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`)
  return parts
}

function timesOf(moment: Date, zone: Zone): string[] {
  if (Number.isNaN(moment.getTime())) return []
  const iso = new Date(asUtc(zone.wallAt(moment))).toISOString()
  const date = iso.slice(0, 10)
  return [date, date.slice(5), date.slice(0, 4), ...clockParts(iso.slice(11, 23))]
}

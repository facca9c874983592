import { epochMs, plausibleMs } from './epoch.ts'
import { readClock, readDigits, readMonth, readZone, skipWeekday } from './timestamp-parts.ts'

/**
 * A time found in a text: milliseconds since 1970, where it ends, and whether it named its zone.
 */
export interface Stamp {
  ms: number
  end: number
  zoned: boolean
}

const dayMs = 86_400_000
const space = 32

/**
 * Reads the time that stands at `start`, in the spellings of common log formats: ISO 8601 and its
 * kin (`2015-10-18 18:01:47,978`, `2024/01/02 03:04:05`), `20240102T030405Z`, `17/06/09 20:10:40`,
 * `081109 203615`, `03-17 16:13:38.811`, `Jun 14 15:16:01`, `Sun Dec 04 04:47:44 2005`,
 * `10/Oct/2000:13:55:36 -0700`, `02 Jan 2006 15:04:05`, `15:04:05.123`, and epochs. Without a zone it is UTC;
 * without a year it is the latest such date that is not later than a day after `arrivedMs`.
 */
export function readTimestamp(text: string, start: number, arrivedMs: number): Stamp | null {
  const code = text.charCodeAt(start)
  if (code >= 48 && code <= 57) return readNumericDate(text, start, arrivedMs)
  if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) {
    return readNamedDate(text, start, arrivedMs)
  }
  return null
}

function readNumericDate(text: string, start: number, arrivedMs: number): Stamp | null {
  let digits = 0
  while (digits < 20 && isDigit(text.charCodeAt(start + digits))) digits += 1
  const next = text[start + digits] ?? ''
  switch (digits) {
    case 4:
      return next === '-' || next === '/' || next === '.' ? readYearFirst(text, start, next) : null
    case 1:
    case 2:
      if (next === ':') return readTimeOfDay(text, start, arrivedMs)
      return readDayFirst(text, start, digits, next, arrivedMs)
    case 6:
      return next === ' ' ? readShortCompact(text, start) : null
    case 8:
      return readCompact(text, start)
    case 14:
      return readSolid(text, start)
    default:
      return digits >= 10 ? readEpoch(text, start, digits) : null
  }
}

/** `2015-10-18 18:01:47,978`, `2024/01/02T03:04:05.123+02:00`, `2005-06-03-15.42.50.675872` */
function readYearFirst(text: string, start: number, separator: string): Stamp | null {
  const month = readDigits(text, start + 5, 2)
  if (text[start + 7] !== separator) return null
  const day = readDigits(text, start + 8, 2)
  const joint = text[start + 10]
  if (joint !== 'T' && joint !== ' ' && joint !== '_' && joint !== '-' && joint !== 't') return null
  // MySQL pads the hour with a blank.
  const at = joint === ' ' && text[start + 11] === ' ' ? start + 12 : start + 11
  return atClock(text, at, readDigits(text, start, 4), month, day)
}

/** `15:04:05.123` without a date: the latest such moment that is not later than an hour after `arrivedMs`. */
function readTimeOfDay(text: string, start: number, arrivedMs: number): Stamp | null {
  const clock = readClock(text, start)
  // Pairs that go on with a colon are an address.
  if (clock === null || text[start + 8] === ':' || text[clock.end] === ':') return null
  const latest = arrivedMs + 3_600_000
  const ms = Math.floor(latest / dayMs) * dayMs + clock.ms
  return { ms: ms > latest ? ms - dayMs : ms, end: clock.end, zoned: false }
}

/**
 * `17/06/09 20:10:40`, `10/Oct/2000:13:55:36 -0700`, `03-17 16:13:38.811`, `02 Jan 2006 15:04:05`
 */
function readDayFirst(
  text: string,
  start: number,
  digits: number,
  next: string,
  arrivedMs: number,
): Stamp | null {
  const first = readDigits(text, start, digits)
  const at = start + digits + 1
  if (next === ' ' || next === '-' || next === '/') {
    const month = readMonth(text, at)
    if (month > 0 && text[at + 3] === next) {
      const year = readDigits(text, at + 4, 4)
      const joint = text[at + 8]
      return joint === ' ' || joint === ':' ? atClock(text, at + 9, year, month, first) : null
    }
  }
  if (digits !== 2) return null
  const second = readDigits(text, at, 2)
  if (second < 0) return null
  if (next === '-' && text[at + 2] === ' ') {
    return withoutYear(text, at + 3, first, second, arrivedMs)
  }
  if ((next !== '/' && next !== '.') || text[at + 2] !== next) return null
  const long = readDigits(text, at + 3, 4)
  if (long >= 0) {
    const joint = text[at + 7] === ',' ? at + 9 : at + 8
    const american = next === '/' && first <= 12
    return atClock(text, joint, long, american ? first : second, american ? second : first)
  }
  if (next !== '/' || text[at + 5] !== ' ') return null
  return atClock(text, at + 6, 2000 + first, second, readDigits(text, at + 3, 2))
}

/** `081109 203615`: year, month, day; hour, minute, second. */
function readShortCompact(text: string, start: number): Stamp | null {
  const end = start + 13
  if (isDigit(text.charCodeAt(end)) || text.charCodeAt(end) > space) return null
  return build(
    2000 + readDigits(text, start, 2),
    readDigits(text, start + 2, 2),
    readDigits(text, start + 4, 2),
    compactTime(text, start + 7),
    end,
    0,
    false,
  )
}

/** `20171223-22:15:29:606`, `20240102 03:04:05`, `20240102T030405Z` */
function readCompact(text: string, start: number): Stamp | null {
  const year = readDigits(text, start, 4)
  const month = readDigits(text, start + 4, 2)
  const day = readDigits(text, start + 6, 2)
  const joint = text[start + 8]
  if (joint !== '-' && joint !== ' ' && joint !== 'T') return null
  const time = joint === 'T' ? compactTime(text, start + 9) : -1
  if (time < 0) return atClock(text, start + 9, year, month, day)
  const zone = readZone(text, start + 15)
  return build(year, month, day, time, zone.end, zone.offsetMs, zone.zoned)
}

/** `20240102030405` */
function readSolid(text: string, start: number): Stamp | null {
  const date = [readDigits(text, start, 4), readDigits(text, start + 4, 2)] as const
  const day = readDigits(text, start + 6, 2)
  return build(date[0], date[1], day, compactTime(text, start + 8), start + 14, 0, false)
}

/** `1700000000.123 text`: digits alone must be followed by white space to be a time. */
function readEpoch(text: string, start: number, digits: number): Stamp | null {
  let end = start + digits
  if (text[end] === '.') {
    end += 1
    while (end - start < 32 && isDigit(text.charCodeAt(end))) end += 1
  }
  const after = text.charCodeAt(end)
  if (after > space && text[end] !== ']') return null
  const ms = epochMs(Number(text.slice(start, end)))
  return ms === null ? null : { ms, end, zoned: true }
}

/**
 * `Jun 14 15:16:01`, `Jun 14 2005 15:16:01`, `Sun Dec 04 04:47:44.12 2005`, `Mon, 02 Jan 2006
 * 15:04:05 GMT`
 */
function readNamedDate(text: string, start: number, arrivedMs: number): Stamp | null {
  const from = skipWeekday(text, start)
  if (from > start && isDigit(text.charCodeAt(from))) return readNumericDate(text, from, arrivedMs)
  const month = readMonth(text, from)
  if (month === 0 || text[from + 3] !== ' ') return null
  let at = from + 4
  if (text[at] === ' ') at += 1
  const width = isDigit(text.charCodeAt(at + 1)) ? 2 : 1
  const day = readDigits(text, at, width)
  at += width
  if (text[at] === ',') at += 1
  if (day < 0 || text[at] !== ' ') return null
  at += 1
  const year = readDigits(text, at, 4)
  if (year >= 0 && text[at + 4] === ' ') return atClock(text, at + 5, year, month, day)
  return withoutYear(text, at, month, day, arrivedMs)
}

/** A date whose year, if any, stands behind the time (`04:47:44 UTC 2005`). */
function withoutYear(
  text: string,
  start: number,
  month: number,
  day: number,
  arrivedMs: number,
): Stamp | null {
  const clock = readClock(text, start)
  if (clock === null) return null
  const zone = readZone(text, clock.end)
  if (text[zone.end] === ' ' && !isDigit(text.charCodeAt(zone.end + 5))) {
    const year = readDigits(text, zone.end + 1, 4)
    if (year >= 1970 && year < 2200) {
      return build(year, month, day, clock.ms, zone.end + 5, zone.offsetMs, zone.zoned)
    }
  }
  const latest = arrivedMs + dayMs
  const lastYear = new Date(latest).getUTCFullYear()
  for (let year = lastYear; year > lastYear - 9; year -= 1) {
    const stamp = build(year, month, day, clock.ms, zone.end, zone.offsetMs, zone.zoned)
    if (stamp !== null && stamp.ms <= latest) return stamp
  }
  return null
}

function atClock(
  text: string,
  start: number,
  year: number,
  month: number,
  day: number,
): Stamp | null {
  const clock = readClock(text, start)
  if (clock === null) return null
  const zone = readZone(text, clock.end)
  return build(year, month, day, clock.ms, zone.end, zone.offsetMs, zone.zoned)
}

/** `203615` as milliseconds of a day, negative when it is none. */
function compactTime(text: string, start: number): number {
  const hour = readDigits(text, start, 2)
  const minute = readDigits(text, start + 2, 2)
  const second = readDigits(text, start + 4, 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1
  return hour * 3_600_000 + minute * 60_000 + second * 1_000
}

function build(
  year: number,
  month: number,
  day: number,
  timeMs: number,
  end: number,
  offsetMs: number,
  zoned: boolean,
): Stamp | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || timeMs < 0 || year < 0) return null
  const midnight = Date.UTC(year, month - 1, day)
  if (day > 28 && new Date(midnight).getUTCDate() !== day) return null
  const ms = midnight + timeMs - offsetMs
  return plausibleMs(ms) ? { ms, end, zoned } : null
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

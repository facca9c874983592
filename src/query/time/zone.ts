import { MillraceError } from '../../base/errors.ts'

/** What a clock and a calendar on the wall show; months count from 1. Fields may overflow (day 32, hour 24). */
export interface Wall {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
}

/** A time zone's rules, both ways. */
export interface Zone {
  readonly name: string
  /** What the wall shows at this moment. */
  wallAt(at: Date): Wall
  /**
   * The moments at which the wall shows this. Where the clock is turned back there are two, `first` and `last`; where it
   * is turned forward there is none, and both are the moment that many minutes after the gap began.
   */
  momentsOf(wall: Wall): { first: Date; last: Date }
}

const dayMs = 86_400_000

/** Opens a zone by its IANA name ("Europe/Berlin", "UTC"). Fails with `invalid_argument` on an unknown one. */
export function openZone(timeZone: string): Zone {
  const format = formatterOf(timeZone)
  const wallAt = (at: Date): Wall => {
    const fields = new Map(format.formatToParts(at).map((part) => [part.type, Number(part.value)]))
    return {
      year: fields.get('year') ?? 0,
      month: fields.get('month') ?? 0,
      day: fields.get('day') ?? 0,
      hour: fields.get('hour') ?? 0,
      minute: fields.get('minute') ?? 0,
      second: fields.get('second') ?? 0,
      millisecond: ((at.getTime() % 1000) + 1000) % 1000,
    }
  }
  const offsetAt = (ms: number) => asUtc(wallAt(new Date(ms))) - ms
  const momentsOf = (wall: Wall) => {
    const utc = asUtc(wall)
    const before = offsetAt(utc - dayMs)
    const after = offsetAt(utc + dayMs)
    const shown = [utc - Math.max(before, after), utc - Math.min(before, after)].filter(
      (ms) => ms + offsetAt(ms) === utc,
    )
    const first = shown[0] ?? utc - before
    return { first: new Date(first), last: new Date(shown.at(-1) ?? first) }
  }
  return { name: timeZone, wallAt, momentsOf }
}

/** The same wall `days` later, at midnight. */
export function midnight(wall: Wall, days = 0): Wall {
  return normal({
    ...wall,
    day: wall.day + days,
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 0,
  })
}

/** The wall with its overflow carried: day 32 is a day of the next month. */
export function normal(wall: Wall): Wall {
  const at = new Date(asUtc(wall))
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    millisecond: at.getUTCMilliseconds(),
  }
}

/** 0 for Sunday .. 6. */
export function weekdayOf(wall: Wall): number {
  return new Date(asUtc(wall)).getUTCDay()
}

/** The wall read as if it were UTC's, in milliseconds: for comparing walls. */
export function asUtc(wall: Wall): number {
  const { year, month, day, hour, minute, second, millisecond } = wall
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond)
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw new MillraceError(
      'invalid_argument',
      `expected a time zone such as Europe/Berlin or UTC, got "${timeZone.slice(0, 60)}"`,
    )
  }
}

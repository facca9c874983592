import { asUtc, midnight, openZone, type Wall } from '../time/zone.ts'

/** Tells times as the asker's clock on the wall shows them. */
export interface TimeTeller {
  /** "14:20:13", with the date in front when it is another day than today. */
  at(date: Date): string
  /** "14:20:13 to 14:31:59", with dates where they are needed. */
  span(from: Date, to: Date): string
  /** "CET", "UTC", "GMT+5:30": the zone's name at that moment. */
  zoneAt(date: Date): string
}

export function createTimeTeller(asked: { now: Date; timeZone: string }): TimeTeller {
  const zone = openZone(asked.timeZone)
  const today = dayOf(zone.wallAt(asked.now))
  const formats = (['en-US', 'en-GB'] as const).map(
    (locale) =>
      new Intl.DateTimeFormat(locale, { timeZone: asked.timeZone, timeZoneName: 'short' }),
  )
  const at = (date: Date) => {
    const wall = zone.wallAt(date)
    return dayOf(wall) === today ? clockOf(wall) : `${dateOf(wall)} ${clockOf(wall)}`
  }
  return {
    at,
    span: (from, to) => {
      const walls = [zone.wallAt(from), zone.wallAt(to)] as const
      if (at(from) === at(to)) return at(from)
      return dayOf(walls[0]) === dayOf(walls[1])
        ? `${at(from)} to ${clockOf(walls[1])}`
        : `${at(from)} to ${dateOf(walls[1])} ${clockOf(walls[1])}`
    },
    zoneAt: (date) => {
      // Each locale has names for its own zones only; the rest are offsets.
      const names = formats.map(
        (format) => format.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value,
      )
      return names.find((name) => name && !/^GMT[+-]/.test(name)) ?? names[0] ?? asked.timeZone
    },
  }
}

function dayOf(wall: Wall): number {
  return asUtc(midnight(wall))
}

function dateOf({ year, month, day }: Wall): string {
  return `${year}-${two(month)}-${two(day)}`
}

function clockOf({ hour, minute, second }: Wall): string {
  return `${two(hour)}:${two(minute)}:${two(second)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

import { normal, type Wall, type Zone } from './zone.ts'

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

const wordSource = String.raw`half(?:\s+an?)?|(?:a\s+)?couple(?:\s+of)?|(?:a\s+)?few|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|forty-five|sixty|ninety`

/** "30", "1.5", "an", "a couple of", "twenty": only digits may be written close to their unit. */
export const numberSource = String.raw`(?<number>\d{1,4}(?:\.\d{1,2})?|(?:${wordSource})(?=\s))\s*`

export const unitSource =
  '(?<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?|years?)'

const words: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ['one', 1],
  ['two', 2],
  ['three', 3],
  ['four', 4],
  ['five', 5],
  ['six', 6],
  ['seven', 7],
  ['eight', 8],
  ['nine', 9],
  ['ten', 10],
  ['twelve', 12],
  ['fifteen', 15],
  ['twenty', 20],
  ['thirty', 30],
  ['forty', 40],
  ['forty-five', 45],
  ['sixty', 60],
  ['ninety', 90],
])

export const unitMs = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 2_592_000_000,
  year: 31_536_000_000,
} as const satisfies Record<Unit, number>

/** The unit that a word in the question means. */
export function unitOf(word: string): Unit {
  const text = word.toLowerCase()
  if (text.startsWith('mo')) return 'month'
  if (text.startsWith('s')) return 'second'
  if (text.startsWith('m')) return 'minute'
  if (text.startsWith('h')) return 'hour'
  if (text.startsWith('d')) return 'day'
  return text.startsWith('w') ? 'week' : 'year'
}

/** The number that a word in the question means; 1 for none. "A few" is 5 of a small unit and 3 of a large one. */
export function numberOf(word: string | undefined, unit: Unit): number {
  const text = (word ?? 'one').toLowerCase().trim()
  if (/^\d/.test(text)) return Number(text)
  if (text.startsWith('half')) return 0.5
  if (text.includes('couple')) return 2
  if (text.includes('few')) return unit === 'second' || unit === 'minute' ? 5 : 3
  return words.get(text) ?? 1
}

/** The moment `count` units away: hours and less by the clock, days and more by the calendar of the zone. */
export function shift(at: Date, count: number, unit: Unit, zone: Zone): Date {
  if (unit === 'second' || unit === 'minute' || unit === 'hour' || !Number.isInteger(count))
    return new Date(at.getTime() + count * unitMs[unit])
  const wall = zone.wallAt(at)
  const days = unit === 'day' ? count : unit === 'week' ? count * 7 : 0
  const months = unit === 'month' ? count : unit === 'year' ? count * 12 : 0
  return zone.momentsOf(addMonths({ ...wall, day: wall.day + days }, months)).first
}

/** The same day `months` later, or the last day of that month where it has none such. */
export function addMonths(wall: Wall, months: number): Wall {
  if (months === 0) return normal(wall)
  const lastDay = normal({ ...wall, month: wall.month + months + 1, day: 0 })
  return normal({ ...lastDay, day: Math.min(wall.day, lastDay.day) })
}

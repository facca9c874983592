import {
  addMonths,
  numberOf,
  numberSource,
  shift,
  type Unit,
  unitOf,
  unitSource,
} from './amount.ts'
import {
  type Asked,
  type DayPart,
  type Days,
  dayParts,
  type MomentValue,
  type Phrase,
  slackMs,
} from './moment.ts'
import { midnight, type Wall, weekdayOf } from './zone.ts'

/** Times that are said from now: "last 30 minutes", "2 hours ago", "yesterday", "this morning", "last week". */
export const relativePhrases: readonly Phrase[] = [
  {
    // "in the last week" is the seven days up to now; "last week", below, is the calendar's.
    pattern: new RegExp(
      String.raw`\b(?:(?:with)?in\s+|over\s+|during\s+|for\s+|from\s+)?(?:(?<the>the|these)\s+)?(?<last>last|past|previous|preceding)\s+` +
        String.raw`(?:${numberSource})?${unitSource}\b(?!\s+(?:before|after|prior|of|to|ago)\b)`,
      'gi',
    ),
    read: (match, { now, zone }) => {
      const { the, last, number, unit: word = '' } = match.groups ?? {}
      if (number === undefined && word.length < 3) return null
      const unit = unitOf(word)
      const isCalendar = number === undefined && !the && last?.toLowerCase() === 'last'
      if (isCalendar && unit !== 'hour' && unit !== 'minute' && unit !== 'second' && unit !== 'day')
        return calendar(zone.wallAt(now), unit, -1)
      const from = shift(now, -numberOf(number, unit), unit, zone)
      return { kind: 'span', from, to: new Date(now.getTime() + slackMs) }
    },
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:(?:about|around|roughly|approximately|some|more than)\s+)?${numberSource}${unitSource}\s+ago\b`,
      'gi',
    ),
    read: (match, { now, zone }) => {
      const unit = unitOf(match.groups?.unit ?? '')
      const number = numberOf(match.groups?.number, unit)
      const at = shift(now, -number, unit, zone)
      // "Half an hour ago" is meant to the minutes.
      if (unit === 'hour' && !Number.isInteger(number))
        return { kind: 'instant', at, unit: 'minute' }
      if (unit === 'second' || unit === 'minute' || unit === 'hour')
        return { kind: 'instant', at, unit }
      return calendar(zone.wallAt(at), unit === 'month' || unit === 'year' ? unit : 'day', 0)
    },
  },
  {
    pattern: /\b(?:last\s+night|overnight)\b/gi,
    read: (_, asked) => hoursOf('night', asked, -1),
  },
  { pattern: /\btonight\b/gi, read: (_, asked) => hoursOf('evening', asked, 0) },
  {
    pattern: /\bthis\s+(morning|afternoon|evening)\b/gi,
    read: (match, asked) => hoursOf(match[1]?.toLowerCase() as DayPart, asked, 0),
  },
  {
    pattern: /\b(?:the\s+)?day\s+before\s+yesterday\b/gi,
    read: (_, { now, zone }) => calendar(zone.wallAt(now), 'day', -2),
  },
  {
    pattern: /\b(?:(?:earlier|later)\s+)?(yesterday|today|tomorrow)(?:'s|’s)?(?!\w)/gi,
    read: (match, { now, zone }) => {
      const word = match[1]?.toLowerCase()
      const days = word === 'yesterday' ? -1 : word === 'tomorrow' ? 1 : 0
      return calendar(zone.wallAt(now), 'day', days)
    },
  },
  {
    pattern: /\bthis\s+(week|month|year)\b/gi,
    read: (match, { now, zone }) => calendar(zone.wallAt(now), unitOf(match[1] ?? ''), 0),
  },
  {
    pattern: /(?<=\b(?:to|until|till|and)\s+)(?:right\s+)?now\b/gi,
    read: (_, { now }) => ({
      kind: 'instant',
      at: new Date(now.getTime() + slackMs),
      unit: 'minute',
    }),
  },
]

/** The day, week (from Monday), month or year of the wall, or one `count` of them away. */
export function calendar(wall: Wall, unit: Unit, count: number): Days {
  const day = midnight(wall)
  const kind = 'days'
  const said = 'relative'
  if (unit === 'month' || unit === 'year') {
    const first = { ...day, day: 1, month: unit === 'year' ? 1 : day.month }
    const months = unit === 'year' ? 12 : 1
    const from = addMonths(first, months * count)
    return { kind, from, to: addMonths(from, months), unit, said }
  }
  const days = unit === 'week' ? 7 : 1
  const back = unit === 'week' ? (weekdayOf(day) + 6) % 7 : 0
  const from = midnight(day, days * count - back)
  return { kind, from, to: midnight(from, days), unit: unit === 'week' ? 'week' : 'day', said }
}

function hoursOf(part: DayPart, { now, zone }: Asked, days: number): MomentValue {
  const day = midnight(zone.wallAt(now), days)
  const { from, to } = dayParts[part]
  return { kind: 'hours', from: { ...day, hour: from }, to: { ...day, hour: to } }
}

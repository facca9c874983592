import type { ParsedComponents } from 'chrono-node'
import { casual } from 'chrono-node/en'
import { addMonths } from './amount.ts'
import type { Asked, Days, Moment, Phrase } from './moment.ts'
import { calendar } from './relative-times.ts'
import { asUtc, midnight, normal, type Wall, weekdayOf } from './zone.ts'

/** Dates in digits: 2015-10-18, 2015/10/18, 10/18/2015 (month first, unless it cannot be), 18.10.2015, "in 2015-10", "in 2015". */
export const datePhrases: readonly Phrase[] = [
  {
    // chrono knows no 29th of February in a year that has none.
    pattern:
      /\b(?:feb(?:ruary)?\.?\s+29(?:th)?|29(?:th)?\s+(?:of\s+)?feb(?:ruary)?)\b(?!,?\s+\d{4})/gi,
    read: (_, asked) => readFields({ month: 2, day: 29 }, '', asked),
  },
  {
    pattern: /(?<![\w.:/-])(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d|[-/.:]\w)/g,
    read: ([, year, month, day]) => daysOf(dayOf(Number(year), Number(month), Number(day)), 'day'),
  },
  {
    pattern: /(?<![\w.:/-])(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\w|[-/.:]\w)/g,
    read: ([, a, b, year]) =>
      Number(a) > 12
        ? daysOf(dayOf(Number(year), Number(b), Number(a)), 'day')
        : daysOf(dayOf(Number(year), Number(a), Number(b)), 'day'),
  },
  {
    pattern: /(?<![\w.:/-])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\w|[-/.:]\w)/g,
    read: ([, day, month, year]) => daysOf(dayOf(Number(year), Number(month), Number(day)), 'day'),
  },
  {
    pattern: /(?<=\b(?:in|during|since|before|after|until|of)\s+)(\d{4})-(\d{2})(?![\w-])/gi,
    read: ([, year, month]) => daysOf(dayOf(Number(year), Number(month), 1), 'month'),
  },
  {
    pattern:
      /(?<=\b(?:in|during|since|before|after|until)\s+(?:the\s+year\s+)?)((?:19[7-9]|20\d)\d)(?=[^\p{L}\p{N}]*$|\s*[?!,;]|\s+(?:at|on|in|from|by|for|with|and|did|do|does|was|were|is|are|has|have|to|until|that|which|when)\b)/giu,
    read: ([, year]) => daysOf(dayOf(Number(year), 1, 1), 'year'),
  },
]

const leadIn =
  /\b(?:on|in|during|since|before|after|until|till|from|to|of|last|this|past|by|around|between|and|through|throughout)\s+(?:the\s+)?$/i
/** Month names that are words of their own, and short ones: without a capital letter they need a lead-in. */
const isOrdinaryWord = /\b(?:may|march|mar|jan|feb|apr|jun|jul|aug|sep|sept|oct|nov|dec)\b/

/**
 * Dates with the names of months and weekdays, as chrono reads them; the year that is left out is the latest in which the
 * day is not in the future. `text` must be free of anything else that chrono takes for a time.
 */
export function findNamedDates(text: string, asked: Asked): Moment[] {
  const offset = (asUtc(asked.zone.wallAt(asked.now)) - asked.now.getTime()) / 60_000
  // Beside a bare number chrono takes these for "from 1 o'clock".
  const plain = text.replace(/\b(?:from|at)(?=\s+\d)/gi, (word) => ' '.repeat(word.length))
  const results = casual.parse(plain, { instant: asked.now, timezone: Math.round(offset) })
  return results.flatMap(({ index, text: matched, start, end }) => {
    const before = text.slice(Math.max(0, index - 24), index)
    if (!isMeant(fieldsOf(start), matched, before) || start.isCertain('hour')) return []
    const first = readFields(fieldsOf(start), matched, asked)
    const last = end ? readFields({ ...fieldsOf(start), ...fieldsOf(end) }, matched, asked) : first
    if (!first || !last) return []
    if (!end) return [{ index, end: index + matched.length, ...first }]
    const { from, to } = inOrder(first, last)
    return [
      { index, end: index + matched.length, ...last, unit: 'week', from: from.from, to: to.to },
    ]
  })
}

interface Fields {
  year?: number
  month?: number
  day?: number
  weekday?: number
}

function fieldsOf(components: ParsedComponents): Fields {
  const fields: Fields = {}
  for (const name of ['year', 'month', 'day', 'weekday'] as const) {
    const value = components.isCertain(name) ? components.get(name) : null
    if (value !== null) fields[name] = value
  }
  return fields
}

/** Tells a date from the verb "may", the "march" of a queue and the "Sun" of a class name. */
function isMeant(fields: Fields, matched: string, before: string): boolean {
  if (!/[a-z]{3}/i.test(matched) || /\bnext\b/i.test(matched)) return false
  const isLed = leadIn.test(before) || /^(?:on|last|this)\b/i.test(matched)
  if (fields.month === undefined)
    return fields.weekday !== undefined && (isLed || /day\b/i.test(matched))
  if (isLed || fields.year !== undefined) return true
  return fields.day !== undefined && !isOrdinaryWord.test(matched)
}

function readFields(fields: Fields, matched: string, { now, zone }: Asked): Days | null {
  const today = midnight(zone.wallAt(now))
  const { year, month, day, weekday } = fields
  if (month === undefined) {
    if (weekday === undefined) return null
    const back = (weekdayOf(today) - weekday + 7) % 7
    const days = back === 0 && /\blast\b/i.test(matched) ? 7 : back
    return { ...calendar(today, 'day', -days), said: 'weekday' }
  }
  const years =
    year === undefined ? Array.from({ length: 9 }, (_, back) => today.year - back) : [year]
  for (const inYear of years) {
    const first = dayOf(inYear, month, day ?? 1)
    if (first && (year !== undefined || asUtc(first) <= asUtc(today)))
      return {
        ...calendar(first, day === undefined ? 'month' : 'day', 0),
        said: year === undefined ? 'yearless' : 'date',
      }
  }
  return null
}

/** Two days of a range: the first is moved back where it was said without its week or year and would follow the second. */
export function inOrder(first: Days, last: Days): { from: Days; to: Days } {
  const isLate = asUtc(first.from) >= asUtc(last.to)
  const back = (days: number, months: number): Days => ({
    ...first,
    from: addMonths(midnight(first.from, -days), -months),
    to: addMonths(midnight(first.to, -days), -months),
  })
  if (isLate && first.said === 'weekday') return { from: back(7, 0), to: last }
  return { from: isLate && first.said === 'yearless' ? back(0, 12) : first, to: last }
}

/** Midnight of a day, or null when there is no such day. */
function dayOf(year: number, month: number, day: number): Wall | null {
  const wall: Wall = { year, month, day, hour: 0, minute: 0, second: 0, millisecond: 0 }
  const real = normal(wall)
  return year >= 1970 && real.month === month && real.day === day ? wall : null
}

function daysOf(wall: Wall | null, unit: 'day' | 'month' | 'year'): Days | null {
  return wall && { ...calendar(wall, unit, 0), said: 'date' }
}

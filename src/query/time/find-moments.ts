import { datePhrases, findNamedDates } from './calendar-dates.ts'
import { findClockTimes } from './clock-times.ts'
import {
  type Asked,
  type Clock,
  type DayPart,
  type Days,
  dayParts,
  type Moment,
  type MomentValue,
} from './moment.ts'
import { blank } from './protect.ts'
import { calendar, relativePhrases } from './relative-times.ts'
import { asUtc, midnight } from './zone.ts'

/**
 * Every time that a protected question names, in its order; what belongs together ("July 29 2015 at 17:41", "yesterday
 * evening") is one.
 */
export function findMoments(protectedText: string, asked: Asked): Moment[] {
  const moments: Moment[] = []
  let text = protectedText
  const take = (moment: Moment) => {
    moments.push(moment)
    const { index, end } = moment
    text = text.slice(0, index) + blank.repeat(end - index) + text.slice(end)
  }
  for (const { pattern, read } of [...relativePhrases, ...datePhrases])
    for (const match of text.matchAll(pattern)) {
      const value = read(match, asked)
      if (value) take({ index: match.index, end: match.index + match[0].length, ...value })
    }
  for (const moment of findClockTimes(text)) take(moment)
  for (const match of text.matchAll(/\b(morning|afternoon|evening|night)\b/gi)) {
    const part = match[1]?.toLowerCase() as DayPart
    take({ index: match.index, end: match.index + match[0].length, kind: 'part', part })
  }
  for (const moment of findNamedDates(text, asked)) take(moment)
  return join(
    moments.sort((a, b) => a.index - b.index),
    protectedText,
  ).flatMap((moment, _, all) =>
    withoutDay(moment, protectedText, { asked, isAlone: all.length === 1 }),
  )
}

/** "During the night" without a day is the latest that has begun; beside another time it is not known whose it is. */
function withoutDay(
  moment: Moment,
  text: string,
  { asked, isAlone }: { asked: Asked; isAlone: boolean },
): Moment[] {
  if (moment.kind !== 'part') return [moment]
  const lead = /\b(?:in|during|over|through|throughout)\s+the\s+$/i
  if (!isAlone || !lead.test(text.slice(0, moment.index))) return []
  const { index, end, part } = moment
  const now = asked.zone.wallAt(asked.now)
  const { from, to } = dayParts[part]
  const day = midnight(now, now.hour < from ? -1 : 0)
  return [{ index, end, kind: 'hours', from: { ...day, hour: from }, to: { ...day, hour: to } }]
}

/** What may stand between a day and its time. */
const joint = /^(?:\s*,?\s*|[T_]|\s+(?:at|on|of|in)\s+(?:the\s+)?|\s*,\s*(?:at|on)\s+)$/i

function join(moments: readonly Moment[], text: string): Moment[] {
  const joined: Moment[] = []
  for (const moment of moments) {
    const before = joined.at(-1)
    const value =
      before && joint.test(text.slice(before.end, moment.index)) ? joinTwo(before, moment) : null
    if (before && value)
      joined[joined.length - 1] = { index: before.index, end: moment.end, ...value }
    else joined.push(moment)
  }
  return joined
}

function joinTwo(a: Moment, b: Moment): MomentValue | null {
  if (a.kind === 'clock' && b.kind !== 'clock') return joinTwo(b, a)
  if (a.kind === 'part' && b.kind === 'days') return joinTwo(b, a)
  if (a.kind === 'days' && a.unit === 'day') {
    if (b.kind === 'clock') return stampOf(a, b.clock)
    if (b.kind === 'part') {
      const { from, to } = dayParts[b.part]
      return { kind: 'hours', from: { ...a.from, hour: from }, to: { ...a.from, hour: to } }
    }
  }
  if (a.kind === 'hours' && b.kind === 'clock') {
    const [stamp, next] = [calendar(a.from, 'day', 0), calendar(a.from, 'day', 1)].map((day) =>
      stampOf(day, b.clock),
    )
    return next && asUtc(next.wall) < asUtc(a.to) ? next : (stamp ?? null)
  }
  return null
}

/** A clock time on a day. */
export function stampOf(day: Days, clock: Clock): Extract<MomentValue, { kind: 'stamp' }> {
  const { hour, minute, second, millisecond } = clock
  return { kind: 'stamp', wall: { ...day.from, hour, minute, second, millisecond }, clock, day }
}

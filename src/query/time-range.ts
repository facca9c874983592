import { MillraceError } from '../base/errors.ts'
import { findMoments, stampOf } from './time/find-moments.ts'
import { type Asked, type Moment, slackMs } from './time/moment.ts'
import { blank, protectIdentifiers } from './time/protect.ts'
import { atDayEnd, type Bounds, boundsOf, endOf, extentOf, pairExtents } from './time/resolve.ts'
import { type Role, roleAfter } from './time/time-roles.ts'
import { openZone } from './time/zone.ts'

/** The window that a question asks about: `from` included (null: no lower bound), `to` excluded. */
export interface TimeRange {
  from: Date | null
  to: Date
  /** The asker's words, with what was made of them: "around 14:32 (± 10 min)". */
  label: string
  /** The part of the question that says it. */
  text: string
}

/** A time in the question with the words around it that belong to it. */
interface Part {
  index: number
  end: number
  role: Role
  first: Moment
  second: Moment | null
}

const connector =
  /^\s*,?\s*(?:(and)(?:\s+(?:until|till|before))?|to|until|till|up\s+to|through|-|–|—|\.\.)\s*(?:(?:about|around|the)\s+)?$/i

/**
 * Takes the time range out of a question: `rest` is what is left of it, `range` null when it names none.
 *
 * What was decided where people differ: a clock time or a date without a year is the latest that is not in the future;
 * "at" is ± 5 minutes and "around" ± 10 (± 1 and ± 5 when seconds are said); a clock time takes the one day that is named
 * beside it, and "between 23:00 and 01:00" runs over midnight; "before 14:00" without a day is the 24 hours up to it;
 * "last week" is the calendar's, from Monday, "the last week" the seven days up to now; several times in one question
 * make one range around them all. A range that would end later than a minute from now ends there. Fails with
 * `invalid_argument` on a range that ends before it begins, and on an unknown time zone.
 */
export function parseTimeRange(
  question: string,
  context: { now: Date; timeZone: string },
): { range: TimeRange | null; rest: string } {
  const asked: Asked = { now: context.now, zone: openZone(context.timeZone) }
  const text = protectIdentifiers(question)
  const parts = findParts(text, findMoments(text, asked))
  if (parts.length === 0) return { range: null, rest: question.trim() }
  const said = parts.map((part) => question.slice(part.index, part.end).trim()).join(', ')
  const bounds = combine(resolveParts(parts, asked))
  const nowMs = asked.now.getTime() + slackMs
  const from = bounds.from
  let to = bounds.to ?? new Date(nowMs)
  if (to.getTime() > nowMs && (from === null || from.getTime() < nowMs)) to = new Date(nowMs)
  if (from !== null && from >= to)
    throw new MillraceError(
      'invalid_argument',
      `expected a time range that begins before it ends, got "${said}"; it is now ${asked.now.toISOString()}`,
    )
  const label = said.replace(/\s+/g, ' ') + (bounds.note === null ? '' : ` (${bounds.note})`)
  return { range: { from, to, label, text: said }, rest: without(question, parts) }
}

function findParts(text: string, moments: readonly Moment[]): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < moments.length; i++) {
    const first = moments[i]
    if (!first) break
    const headFrom = parts.at(-1)?.end ?? 0
    const { role, index } = roleAfter(text.slice(headFrom, first.index))
    const next = moments[i + 1]
    const link = next && connector.exec(text.slice(first.end, next.index))
    const second = next && link && (!link[1] || role.name === 'between') ? next : null
    if (second) i++
    const last = second ?? first
    const tail =
      /^(?:['’]s\b|\s*(?:onwards?\b|(?:local\s+time|o'clock)\b|on(?=\s*(?:[?.,!]|$))))/i.exec(
        text.slice(last.end),
      )
    const isOnward = /on/i.test(tail?.[0] ?? '') && role.name === 'from'
    parts.push({
      index: headFrom + index,
      end: last.end + (tail?.[0].length ?? 0),
      role: isOnward ? { name: 'since' } : role,
      first,
      second,
    })
  }
  return parts
}

function resolveParts(parts: readonly Part[], asked: Asked): Bounds[] {
  const hosts = parts.filter(isDay)
  const host = hosts.length === 1 && parts.some(hasLooseClock) ? hosts[0] : undefined
  const day = host?.first
  return parts
    .filter((part) => part !== host)
    .map((part) => {
      const isLoose = hasLooseClock(part)
      const placed = isLoose && day?.kind === 'days' ? onDay(part.first, day) : part.first
      const isEnd = part.role.name === 'before' || part.role.name === 'until'
      const first = isEnd ? atDayEnd(placed) : placed
      if (part.second) {
        const { from, to } = pairExtents(first, part.second, asked)
        return { from: from.from, to: endOf(to), note: null }
      }
      const bounds = boundsOf(part.role, extentOf(first, asked), first, asked)
      if (!isLoose || !day) return bounds
      const { from, to } = extentOf(day, asked)
      return { ...bounds, from: bounds.from ?? from, to: bounds.to ?? to }
    })
}

/** A day on its own, that clock times elsewhere in the question may belong to. */
function isDay(part: Part): boolean {
  const isPlain = part.role.name === 'at' || part.role.name === 'from'
  return isPlain && part.second === null && part.first.kind === 'days' && part.first.unit === 'day'
}

function hasLooseClock({ first, second }: Part): boolean {
  return (
    first.kind === 'clock' &&
    (second === null || second.kind === 'clock' || second.kind === 'instant')
  )
}

function onDay(moment: Moment, day: Extract<Moment, { kind: 'days' }>): Moment {
  if (moment.kind !== 'clock') return moment
  return { index: moment.index, end: moment.end, ...stampOf(day, moment.clock) }
}

/** "after 14:00 and before 15:00" is what both allow; any other times are spanned. */
function combine(all: readonly Bounds[]): Bounds {
  const [one, two] = all
  if (!one) return { from: null, to: null, note: null }
  if (!two) return one
  const lower = all.find((bounds) => bounds.to === null)
  const upper = all.find(
    (bounds) => bounds.to !== null && (bounds.from === null || isDayUp(bounds)),
  )
  if (all.length === 2 && lower && upper) return { from: lower.from, to: upper.to, note: null }
  return all.reduce((a, b) => ({
    from: a.from && b.from && (a.from < b.from ? a.from : b.from),
    to: a.to && b.to && (a.to > b.to ? a.to : b.to),
    note: a.note ?? b.note,
  }))
}

function isDayUp(bounds: Bounds): boolean {
  return bounds.note?.startsWith('the 24 hours') ?? false
}

function without(question: string, parts: readonly Part[]): string {
  let rest = question
  for (const part of [...parts].reverse())
    rest = `${rest.slice(0, part.index)} ${blank} ${rest.slice(part.end)}`
  return rest
    .replaceAll(blank, '')
    .replace(/\s+/g, ' ')
    .replace(/\s+([?.,!;])/g, '$1')
    .replace(/^[\s,;]+|(?:[\s,;]|\s(?:and|but))+$/g, '')
}

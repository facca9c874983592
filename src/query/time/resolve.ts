import { MillraceError } from '../../base/errors.ts'
import { type Unit, unitMs } from './amount.ts'
import { inOrder } from './calendar-dates.ts'
import { type Asked, type Clock, type Moment, slackMs } from './moment.ts'
import type { Role } from './time-roles.ts'
import { asUtc, midnight, type Wall } from './zone.ts'

/** When a moment begins and ends; both are the same for a point. `unit`: how exactly a point was said, null for a span. */
export interface Extent {
  from: Date
  to: Date
  unit: Unit | null
}

/** A range with open ends as null; `note` says what was made of the words. */
export interface Bounds {
  from: Date | null
  to: Date | null
  note: string | null
}

const dayMs = unitMs.day

/** A moment's extent; a clock time without a day is the latest that is not in the future. */
export function extentOf(moment: Moment, asked: Asked): Extent {
  const { zone, now } = asked
  switch (moment.kind) {
    case 'days':
    case 'hours':
      return {
        from: zone.momentsOf(moment.from).first,
        to: zone.momentsOf(moment.to).first,
        unit: null,
      }
    case 'span':
      return { from: moment.from, to: moment.to, unit: null }
    case 'instant':
      return { from: moment.at, to: moment.at, unit: moment.unit }
    case 'stamp':
      return stampExtent(moment.wall, moment.clock, asked)
    case 'clock': {
      const today = clockOn(midnight(wallFor(moment.clock, now, asked)), moment.clock, asked)
      if (today.from.getTime() <= now.getTime() + slackMs) return today
      return clockOn(midnight(wallFor(moment.clock, now, asked), -1), moment.clock, asked)
    }
    case 'part':
      throw new MillraceError('internal', 'a part of a day has no extent without its day')
  }
}

/** The two ends of a range. A clock time takes the day of the other end, and runs over midnight where it must. */
export function pairExtents(a: Moment, b: Moment, asked: Asked): { from: Extent; to: Extent } {
  if (a.kind === 'clock' && b.kind === 'stamp') {
    const to = extentOf(a.clock.isMidnight ? b : atDayEnd(b), asked)
    const day = wallFor(a.clock, to.from, asked)
    const from = clockOn(midnight(day), a.clock, asked)
    return { from: from.from <= to.to ? from : clockOn(midnight(day, -1), a.clock, asked), to }
  }
  if (a.kind === 'days' && b.kind === 'days') {
    const days = inOrder(a, b)
    return { from: extentOf({ ...a, ...days.from }, asked), to: extentOf(b, asked) }
  }
  const from = extentOf(a, asked)
  if (b.kind === 'clock' && (a.kind === 'clock' || a.kind === 'stamp')) {
    const day = wallFor(b.clock, from.from, asked)
    const to = clockOn(midnight(day), b.clock, asked)
    return { from, to: to.to >= from.from ? to : clockOn(midnight(day, 1), b.clock, asked) }
  }
  return { from, to: extentOf(b, asked) }
}

/** "Midnight on 3 March" as an end: that of the day, where the day begins as a start. */
export function atDayEnd(moment: Moment): Moment {
  if (moment.kind !== 'stamp' || !moment.clock.isMidnight) return moment
  return { ...moment, wall: { ...moment.day.from, hour: 24 } }
}

/** What a role makes of one extent. */
export function boundsOf(role: Role, extent: Extent, moment: Moment, asked: Asked): Bounds {
  const { from, to, unit } = extent
  const later = (date: Date, ms: number) => new Date(date.getTime() + ms)
  switch (role.name) {
    case 'since':
      return { from, to: null, note: null }
    case 'after':
      if (role.withinMs === null) return { from: to, to: null, note: null }
      return { from: to, to: later(to, role.withinMs), note: role.note }
    case 'before':
    case 'until': {
      const end = role.name === 'before' ? from : endOf(extent)
      if (role.name === 'before' && role.withinMs !== null)
        return { from: later(end, -role.withinMs), to: end, note: role.note }
      if (
        moment.kind === 'stamp' &&
        (moment.day.said === 'relative' || moment.day.said === 'weekday')
      )
        return { from: extentOf({ ...moment, ...moment.day }, asked).from, to: end, note: null }
      if (moment.kind !== 'clock') return { from: null, to: end, note: null }
      return { from: later(end, -dayMs), to: end, note: 'the 24 hours up to it' }
    }
    case 'near':
      return widen(extent, role.withinMs)
    case 'around':
      return widen(extent, unit === null ? spanSlackMs(extent) : aroundMs[unit])
    case 'from':
      return unit === null ? { from, to, note: null } : { from, to: null, note: null }
    default:
      return unit === null ? { from, to, note: null } : widen(extent, atMs[unit])
  }
}

/** The end of a range that ends here: the second that was said belongs to it, the minute does not. */
export function endOf(extent: Extent): Date {
  return extent.unit === 'second' ? new Date(extent.to.getTime() + 1000) : extent.to
}

/** How far "at" and "around" reach to both sides of a point, by how exactly it was said. */
const atMs: Record<Unit, number> = { ...unitMs, second: 60_000, minute: 300_000, hour: 1_800_000 }
const aroundMs: Record<Unit, number> = {
  ...unitMs,
  second: 300_000,
  minute: 600_000,
  hour: 1_800_000,
}

function spanSlackMs({ from, to }: Extent): number {
  return Math.min(dayMs, to.getTime() - from.getTime())
}

function widen({ from, to }: Extent, ms: number): Bounds {
  return {
    from: new Date(from.getTime() - ms),
    to: new Date(to.getTime() + ms),
    note: `± ${minutes(ms)}`,
  }
}

function minutes(ms: number): string {
  for (const unit of ['day', 'hour'] as const)
    if (ms % unitMs[unit] === 0)
      return `${ms / unitMs[unit]} ${unit}${ms === unitMs[unit] ? '' : 's'}`
  return ms % unitMs.minute === 0 ? `${ms / unitMs.minute} min` : `${ms / unitMs.second} s`
}

function clockOn(day: Wall, clock: Clock, asked: Asked): Extent {
  const { hour, minute, second, millisecond } = clock
  return stampExtent({ ...day, hour, minute, second, millisecond }, clock, asked)
}

function stampExtent(wall: Wall, clock: Clock, { zone }: Asked): Extent {
  if (clock.offset !== null) {
    const at = new Date(asUtc(wall) - clock.offset * 60_000)
    return { from: at, to: at, unit: clock.unit }
  }
  const { first, last } = zone.momentsOf(wall)
  return { from: first, to: last, unit: clock.unit }
}

/** The wall of the zone that a clock time is in. */
function wallFor(clock: Clock, at: Date, { zone }: Asked): Wall {
  if (clock.offset === null) return zone.wallAt(at)
  const shifted = new Date(at.getTime() + clock.offset * 60_000)
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 0,
  }
}

import type { Unit } from './amount.ts'
import type { Wall, Zone } from './zone.ts'

/** A clock time without a day. */
export interface Clock {
  hour: number
  minute: number
  second: number
  millisecond: number
  /** How exactly it was said: 14:32 (and 3pm), 14:32:10. */
  unit: 'minute' | 'second'
  /** Minutes east of UTC where the question says so ("14:32 UTC"), else null: the asker's zone. */
  offset: number | null
  /** It was said as "midnight", or as 24:00: where something ends, the end of its day. */
  isMidnight?: boolean
}

export type DayPart = 'morning' | 'afternoon' | 'evening' | 'night'

/** A time that the question names, with its place in it. */
export type Moment = { index: number; end: number } & MomentValue

export type MomentValue =
  | Days
  /** A part of a day that is named elsewhere. */
  | { kind: 'part'; part: DayPart }
  /** Some hours of a known day. */
  | { kind: 'hours'; from: Wall; to: Wall }
  | { kind: 'clock'; clock: Clock }
  /** A clock time on a known day. */
  | { kind: 'stamp'; wall: Wall; clock: Clock; day: Days }
  /** A point that is known at once ("2 hours ago"), and how exactly it was said. */
  | { kind: 'instant'; at: Date; unit: Unit }
  /** A range that is known at once ("last 30 minutes"). */
  | { kind: 'span'; from: Date; to: Date }

/** Whole days, from midnight to midnight. */
export interface Days {
  kind: 'days'
  from: Wall
  to: Wall
  unit: Unit
  /** Counted from now, or by date; a weekday and a date without its year are the latest, and could be an earlier one. */
  said: 'relative' | 'weekday' | 'yearless' | 'date'
}

/** When and where the question is asked. */
export interface Asked {
  now: Date
  zone: Zone
}

/** A way to say a time: where it stands in the question, and what it means (null: nothing after all). */
export interface Phrase {
  pattern: RegExp
  read(match: RegExpExecArray, asked: Asked): MomentValue | null
}

/** Clocks may differ, and a record takes a moment to arrive: a range up to now ends this much later. */
export const slackMs = 60_000

/** From midnight, in hours. They overlap: nobody means the same by evening. */
export const dayParts = {
  morning: { from: 4, to: 12 },
  afternoon: { from: 12, to: 18 },
  evening: { from: 17, to: 24 },
  night: { from: 20, to: 30 },
} as const satisfies Record<DayPart, { from: number; to: number }>

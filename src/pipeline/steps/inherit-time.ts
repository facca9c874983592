import type { ParsedEvent } from './parse/parse-record.ts'

/** Lines that arrive further apart than this do not belong to one another. */
const maxGapMs = 10_000
const maxSources = 10_000

export interface TimedLine {
  /** Names where lines follow one another: a shard and a partition key. */
  source: string
  arrivedAt: Date
  event: ParsedEvent
}

/**
 * Gives a line without a time of its own that of the line before it of the same source: the lines of a stack trace, a
 * wrapped statement, a dump. Without such a line the moment of its arrival stays. What it remembers is the process' own;
 * after a restart in the middle of a trace the rest of it keeps its arrival.
 */
export function createTimeKeeper(): (line: TimedLine) => ParsedEvent {
  const known = new Map<string, { at: Date; arrivedAt: number }>()
  return ({ source, arrivedAt, event }) => {
    const arrived = arrivedAt.getTime()
    const hasOwn = event.at.getTime() !== arrived
    const before = known.get(source)
    const at = hasOwn
      ? event.at
      : before && arrived >= before.arrivedAt && arrived - before.arrivedAt <= maxGapMs
        ? before.at
        : undefined
    if (at === undefined) return event
    if (!before && known.size >= maxSources) known.clear()
    known.set(source, { at, arrivedAt: arrived })
    return hasOwn ? event : { ...event, at }
  }
}

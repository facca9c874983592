import type { SearchFilters } from './evidence.ts'
import { type Bind, eventInScope, inStreams, patternAllowed, singlesOut } from './search-scope.ts'

const minuteMs = 60_000

/** The minute of a moment, as event_count has it: whole minutes of UTC, whatever the session's time zone. */
export function minuteOf(moment: string): string {
  return `date_bin('1 minute', ${moment}, timestamptz '2000-01-01 00:00:00Z')`
}

/**
 * SQL that yields (pattern_id, events, first_at, last_at), several rows a pattern, whose sums, least and greatest are
 * exactly those of the events in the window and the streams of `filters`. Services and severities are left to the caller:
 * they are the pattern's.
 *
 * Of one host, pod or trace they are the events themselves, by the index of terms.
 *
 * Reads: event_count for the whole minutes, by (minute) or, where the caller asks for patterns, (pattern_id, minute);
 * event for the part minutes at the window's edges, two at most, by (at) or (pattern_id, at).
 */
export function countedEvents(
  filters: Pick<SearchFilters, 'from' | 'to' | 'streams' | 'host' | 'pod' | 'traceId'>,
  bind: Bind,
): string {
  if (singlesOut(filters))
    return `
      select e.pattern_id, 1 as events, e.at as first_at, e.at as last_at
        from millrace.event e
       where ${eventInScope({ ...filters, services: [], minSeverity: 0 }, bind)}`
  const from = filters.from?.getTime() ?? Number.NEGATIVE_INFINITY
  const to = filters.to?.getTime() ?? Number.POSITIVE_INFINITY
  // The whole minutes inside the window; none where the second is not after the first.
  const wholeFrom = Math.ceil(from / minuteMs) * minuteMs
  const wholeTo = Math.floor(to / minuteMs) * minuteMs
  const bounds = (column: string, first: number, end: number, table: string) =>
    [
      ...(Number.isFinite(first) ? [`${column} >= ${bind(new Date(first))}::timestamptz`] : []),
      ...(Number.isFinite(end) ? [`${column} < ${bind(new Date(end))}::timestamptz`] : []),
      ...(filters.streams.length > 0 ? [inStreams(table, filters.streams, bind)] : []),
      'true',
    ].join('\n         and ')
  const raw = (first: number, end: number) => `
      select e.pattern_id, 1 as events, e.at as first_at, e.at as last_at
        from millrace.event e
       where ${bounds('e.at', first, end, 'e')}`
  if (wholeFrom >= wholeTo) return raw(from, to)
  const parts = [
    `
      select c.pattern_id, c.events, c.first_at, c.last_at
        from millrace.event_count c
       where ${bounds('c.minute', wholeFrom, wholeTo, 'c')}`,
  ]
  if (from < wholeFrom) parts.push(raw(from, wholeFrom))
  if (wholeTo < to) parts.push(raw(wholeTo, to))
  return parts.join('\n       union all')
}

/** Patterns that the filters allow and that have an event inside them. */
export interface PatternScope {
  filters: SearchFilters
  /** All of them, where the caller knows them already; else the statement finds out, pattern by pattern. */
  patternIds?: readonly number[]
}

/** True for patterns `p` in scope. */
export function patternInScope({ filters, patternIds }: PatternScope, bind: Bind): string {
  if (patternIds) return `p.id = any(${bind(patternIds)}::int[])`
  return `${patternAllowed(filters, bind)}
   and exists (
         select
           from (${countedEvents(filters, bind)}) as seen
          where seen.pattern_id = p.id)`
}

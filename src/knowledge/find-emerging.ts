import type { Pool } from 'pg'
import { countedEvents } from './counted-events.ts'
import type { SearchFilters } from './evidence.ts'
import { type Bind, bindTo, patternAllowed } from './search-scope.ts'

export interface EmergingPattern {
  patternId: number
  first: Date
  last: Date
  count: number
}

export interface FindEmergingInput {
  /** The window in which a pattern's first event must lie, and the streams. Services are not filtered. */
  filters: SearchFilters
  /** OTel severity number. */
  minSeverity: number
  /** The moment from which events are known: what was quiet from then on until it began is new. */
  knownSince: Date
  /** Only patterns that were still there at this moment; null for all. */
  activeAt: Date | null
}

/** A pattern is new when it was quiet before its first event for at least this many of its own mean gaps. */
const quietGaps = 2
const minQuietSeconds = 60

/**
 * Patterns that began in the window, in the order in which they began: those that had been quiet for longer than chance
 * explains. A pattern of ordinary noise also has a first event, but soon after events are known at all, measured in its
 * own gaps; one that starts late and then keeps coming is news. Services are not filtered: a cause is often somebody
 * else's.
 *
 * Reads: event_count, up to the window's end (see countedEvents).
 */
export async function findEmerging(
  deps: { pool: Pool },
  input: FindEmergingInput,
  options: { limit: number },
): Promise<EmergingPattern[]> {
  const { filters, minSeverity, activeAt, knownSince } = input
  const values: unknown[] = []
  const bind = bindTo(values)
  const { rows } = await deps.pool.query<EmergingPattern>(
    `select p.id as "patternId", begun.first, begun.last, begun.count
       from (${eventsUpTo(filters, bind)}) as begun
       join millrace.pattern p on p.id = begun.pattern_id
      where ${patternAllowed({ services: [], minSeverity }, bind)}
        and ${filters.from ? `begun.first >= ${bind(filters.from)}::timestamptz` : 'true'}
        and ${activeAt ? `begun.last >= ${bind(activeAt)}::timestamptz` : 'true'}
        and ${isQuietBefore('begun', knownSince, bind)}
      order by begun.first, "patternId"
      limit ${bind(options.limit)}`,
    values,
  )
  return rows
}

/** SQL that yields (pattern_id, first, last, count) of each pattern's events up to the end of the window of `filters`. */
export function eventsUpTo(filters: SearchFilters, bind: Bind): string {
  return `select pattern_id,
                    min(first_at) as first,
                    max(last_at) as last,
                    sum(events)::int as count
               from (${countedEvents({ ...filters, from: null }, bind)}) as counted
              group by pattern_id`
}

/** True for rows of (first, last, count) that were quiet, from when events are known, for longer than chance explains. */
export function isQuietBefore(table: string, knownSince: Date, bind: Bind): string {
  return `extract(epoch from ${table}.first - ${bind(knownSince)}::timestamptz)
            >= greatest(${bind(minQuietSeconds)}::numeric,
                        ${bind(quietGaps)} * extract(epoch from ${table}.last - ${table}.first) / ${table}.count)`
}

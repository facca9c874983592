import type { Pool } from 'pg'
import type { SearchFilters } from './evidence.ts'
import { scopeValues } from './search-scope.ts'

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
 * Reads: event by (pattern_id, at), one probe a pattern of that severity.
 */
export async function findEmerging(
  deps: { pool: Pool },
  input: FindEmergingInput,
  options: { limit: number },
): Promise<EmergingPattern[]> {
  const filters = { ...input.filters, services: [], minSeverity: input.minSeverity }
  const { rows } = await deps.pool.query<EmergingPattern>(
    `select *
       from (select p.id as "patternId",
                    min(e.at) as first,
                    max(e.at) as last,
                    count(*)::int as count
               from millrace.pattern p
               join millrace.event e on e.pattern_id = p.id
              where p.severity >= $4::smallint
                and ($3::text[] is null or p.service = any($3))
                and ($2::timestamptz is null or e.at < $2)
                and ($5::text[] is null or e.shard_id = any(array(
                      select sh.id
                        from millrace.shard sh
                        join millrace.stream st on st.id = sh.stream_id
                       where st.name = any($5))))
              group by p.id) as begun
      where ($1::timestamptz is null or first >= $1)
        and ($6::timestamptz is null or last >= $6)
        and extract(epoch from first - $7::timestamptz)
            >= greatest($8, $9 * extract(epoch from last - first) / count)
      order by first, "patternId"
      limit $10`,
    [
      ...scopeValues(filters),
      input.activeAt,
      input.knownSince,
      minQuietSeconds,
      quietGaps,
      options.limit,
    ],
  )
  return rows
}

import type { Pool } from 'pg'
import type { SearchFilters } from './evidence.ts'
import { scopeValues } from './search-scope.ts'

export interface EmergingPattern {
  patternId: number
  /** Its first event ever in the filtered streams, inside the window. */
  first: Date
  last: Date
  count: number
}

/**
 * Patterns of at least `minSeverity` whose first event (in the filtered streams, at any time) lies in the window: what
 * began then, in the order in which it began. Services are not filtered: a cause is often somebody else's.
 *
 * Reads: event by (pattern_id, at), one probe a pattern for its first event and a count for those that qualify.
 */
export async function findEmerging(
  deps: { pool: Pool },
  input: { filters: SearchFilters; minSeverity: number },
  options: { limit: number },
): Promise<EmergingPattern[]> {
  const filters = { ...input.filters, services: [], minSeverity: input.minSeverity }
  const inStreams = `
    ($5::text[] is null or e.shard_id = any(array(
      select sh.id
        from millrace.shard sh
        join millrace.stream st on st.id = sh.stream_id
       where st.name = any($5))))`
  const { rows } = await deps.pool.query<EmergingPattern>(
    `select begun.id as "patternId",
            begun.first,
            seen.last,
            seen.count
       from (select p.id,
                    (select e.at
                       from millrace.event e
                      where e.pattern_id = p.id
                        and ${inStreams}
                      order by e.at
                      limit 1) as first
               from millrace.pattern p
              where p.severity >= $4::smallint
                and ($3::text[] is null or p.service = any($3))) as begun
      cross join lateral (
            select count(*)::int as count, max(e.at) as last
              from millrace.event e
             where e.pattern_id = begun.id
               and ($2::timestamptz is null or e.at < $2)
               and ${inStreams}) as seen
      where ($1::timestamptz is null or begun.first >= $1)
        and ($2::timestamptz is null or begun.first < $2)
      order by begun.first, begun.id
      limit $6`,
    [...scopeValues(filters), options.limit],
  )
  return rows
}

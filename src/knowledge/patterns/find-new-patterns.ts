import type { Pool } from 'pg'
import type { PatternCount } from '../count-events.ts'
import type { SearchFilters } from '../evidence.ts'
import { eventsUpTo, isQuietBefore } from '../find-emerging.ts'
import { bindTo, patternAllowed } from '../search-scope.ts'

/**
 * Patterns whose first event ever, in these streams, lies in the window, the newest first; their counts are of the window.
 * Those that chance explains are left out: soon after events are known at all, every pattern has its first one (see
 * findEmerging). `knownSince` is when that was.
 *
 * Reads: event_count, up to the window's end (see countedEvents).
 */
export async function findNewPatterns(
  deps: { pool: Pool },
  input: { filters: SearchFilters; knownSince: Date },
  options: { limit: number },
): Promise<{ patterns: PatternCount[]; total: number }> {
  const { filters, knownSince } = input
  const values: unknown[] = []
  const bind = bindTo(values)
  const { rows } = await deps.pool.query<PatternCount & { total: number }>(
    `select p.id as "patternId", p.service, p.severity, p.template,
            begun.count, begun.first, begun.last, (count(*) over ())::int as total
       from (${eventsUpTo(filters, bind)}) as begun
       join millrace.pattern p on p.id = begun.pattern_id
      where ${patternAllowed(filters, bind)}
        and ${filters.from ? `begun.first >= ${bind(filters.from)}::timestamptz` : 'true'}
        and ${isQuietBefore('begun', knownSince, bind)}
      order by begun.first desc, p.id
      limit ${bind(options.limit)}`,
    values,
  )
  const patterns = rows.map(({ total: _, ...pattern }) => pattern)
  return { patterns, total: rows[0]?.total ?? 0 }
}

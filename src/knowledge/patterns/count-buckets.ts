import type { Pool } from 'pg'
import { countedEvents } from '../counted-events.ts'
import type { SearchFilters } from '../evidence.ts'
import { bindTo } from '../search-scope.ts'

export interface CountBucketsInput {
  patternIds: readonly number[]
  /** The streams, and the window: both ends are needed, since they say how many buckets there are. */
  filters: Pick<SearchFilters, 'streams'> & { from: Date; to: Date }
  /** Whole minutes. */
  bucketMs: number
}

const minuteMs = 60_000

/**
 * The events of each pattern in the window, bucket by bucket; the first bucket begins at `from`, rounded down to its
 * minute. Patterns without an event have zeros. Exact: events outside the window do not count in the buckets at its edges.
 *
 * Reads: event_count by (pattern_id, minute); event for part minutes at the window's edges (see countedEvents).
 */
export async function countBuckets(
  deps: { pool: Pool },
  { patternIds, filters, bucketMs }: CountBucketsInput,
): Promise<Map<number, number[]>> {
  const first = Math.floor(filters.from.getTime() / minuteMs) * minuteMs
  const buckets = Math.max(0, Math.ceil((filters.to.getTime() - first) / bucketMs))
  const counts = new Map(patternIds.map((id) => [id, new Array<number>(buckets).fill(0)]))
  if (patternIds.length === 0) return counts
  const values: unknown[] = []
  const bind = bindTo(values)
  const { rows } = await deps.pool.query<{ patternId: number; bucket: number; events: number }>(
    `select counted.pattern_id as "patternId",
            floor(extract(epoch from counted.first_at - ${bind(new Date(first))}::timestamptz)
                  / ${bind(bucketMs / 1_000)}::numeric)::int as bucket,
            sum(counted.events)::int as events
       from (${countedEvents(filters, bind)}) as counted
      where counted.pattern_id = any(${bind(patternIds)}::int[])
      group by 1, 2`,
    values,
  )
  for (const { patternId, bucket, events } of rows) {
    const series = counts.get(patternId)
    if (series && bucket >= 0 && bucket < series.length) series[bucket] = events
  }
  return counts
}

/** From a minute to a week: lengths that people count in. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 10_080] as const

/** The smallest usual length of a bucket of which at most `maxBuckets` cover the window. */
export function bucketFor(window: { from: Date; to: Date }, maxBuckets: number): number {
  const minutes = (window.to.getTime() - window.from.getTime()) / minuteMs
  const step = steps.find((length) => minutes / length <= maxBuckets - 1)
  const weeks = Math.ceil(minutes / 10_080 / Math.max(1, maxBuckets - 1))
  return (step ?? weeks * 10_080) * minuteMs
}

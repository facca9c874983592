import type { Pool } from 'pg'
import { countByWords, type PatternCount, summariseCounts } from '../count-events.ts'
import type { SearchFilters } from '../evidence.ts'

export const patternSorts = ['count', 'first', 'last', 'change'] as const

export type PatternSort = (typeof patternSorts)[number]

export interface ListedPattern extends PatternCount {
  /** Of all events inside the filters, 0 to 1. */
  share: number
  /** Events in the window of the same length before this one; null where the window has no beginning or no end. */
  before: number | null
}

export interface PatternList {
  patterns: ListedPattern[]
  /** All patterns inside the filters, and their events, shown or not. */
  total: { patterns: number; events: number }
}

/**
 * The patterns that have events inside the filters, with exact counts. In the order of `sort`: the most events, the
 * latest first event, the latest last event, or the largest change of the number of events against the window before.
 *
 * Reads: event_count, once for the window and once for the one before it (see countedEvents).
 */
export async function listPatterns(
  deps: { pool: Pool },
  input: { filters: SearchFilters; sort?: PatternSort },
  options: { limit: number },
): Promise<PatternList> {
  const { filters, sort = 'count' } = input
  const counts = await countByWords(deps, { words: [], filters })
  const before = await countBefore(deps, filters)
  const { patterns, events } = summariseCounts(counts)
  const listed = counts.map((pattern) => ({
    ...pattern,
    share: pattern.count / events,
    before: before === null ? null : (before.get(pattern.patternId) ?? 0),
  }))
  return {
    patterns: listed.sort(orders[sort]).slice(0, options.limit),
    total: { patterns, events },
  }
}

async function countBefore(
  deps: { pool: Pool },
  filters: SearchFilters,
): Promise<Map<number, number> | null> {
  const { from, to } = filters
  if (from === null || to === null) return null
  const earlier = new Date(2 * from.getTime() - to.getTime())
  const counts = await countByWords(deps, {
    words: [],
    filters: { ...filters, from: earlier, to: from },
  })
  return new Map(counts.map(({ patternId, count }) => [patternId, count]))
}

type Order = (a: ListedPattern, b: ListedPattern) => number

const byCount: Order = (a, b) => b.count - a.count || a.patternId - b.patternId
const change = ({ count, before }: ListedPattern) => Math.abs(count - (before ?? count))

const orders: Readonly<Record<PatternSort, Order>> = {
  count: byCount,
  first: (a, b) => b.first.getTime() - a.first.getTime() || byCount(a, b),
  last: (a, b) => b.last.getTime() - a.last.getTime() || byCount(a, b),
  change: (a, b) => change(b) - change(a) || byCount(a, b),
}

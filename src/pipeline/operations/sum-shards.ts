import { addCounts } from '../batch/redaction-tally.ts'
import type { ShardProgress } from './read-shard-progress.ts'

const summed = [
  'behind',
  'recordsPerSecond',
  'records',
  'batches',
  'filtered',
  'dead',
  'embedRequests',
  'embedTokens',
] as const

type Counts = Pick<ShardProgress, (typeof summed)[number]>

/**
 * A pipeline over all its shards: sums, `iteratorAgeMs` of the one that waits longest, `expiresInMs` of the one that
 * retention reaches first, and the newest error of those that keep it from going on.
 */
export interface PipelineTotals
  extends Counts,
    Pick<
      ShardProgress,
      'iteratorAgeMs' | 'expiresInMs' | 'redacted' | 'lastError' | 'lastErrorAt'
    > {
  /** Shards of which retention has left something; the counts include the others. */
  shards: number
}

export function sumShards(shards: readonly ShardProgress[]): PipelineTotals {
  const sumOf = (key: keyof Counts) => shards.reduce((sum, shard) => sum + shard[key], 0)
  const totals: PipelineTotals = {
    ...(Object.fromEntries(summed.map((key) => [key, sumOf(key)])) as Record<keyof Counts, number>),
    shards: shards.filter((shard) => !shard.isExpired).length,
    iteratorAgeMs: 0,
    expiresInMs: null,
    redacted: {},
    lastError: null,
    lastErrorAt: null,
  }
  for (const shard of shards) {
    addCounts(totals.redacted, shard.redacted)
    totals.iteratorAgeMs = Math.max(totals.iteratorAgeMs, shard.iteratorAgeMs)
    if (shard.expiresInMs !== null)
      totals.expiresInMs = Math.min(totals.expiresInMs ?? shard.expiresInMs, shard.expiresInMs)
    if (shard.lastError === null) continue
    // Errors of before the column have no time.
    if (totals.lastError === null || (shard.lastErrorAt ?? 0) > (totals.lastErrorAt ?? 0)) {
      totals.lastError = shard.lastError
      totals.lastErrorAt = shard.lastErrorAt
    }
  }
  return totals
}

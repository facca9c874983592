import type { ShardProgress } from './read-shard-progress.ts'

/** A pipeline over all its shards. */
export interface PipelineTotals {
  /** Shards of which retention has left something; the counts below include the others. */
  shards: number
  behind: number
  /** Of the shard that waits longest. */
  iteratorAgeMs: number
  /** Until retention takes the first record that is not processed; null when all are. */
  expiresInMs: number | null
  recordsPerSecond: number
  records: number
  batches: number
  filtered: number
  dead: number
  embedRequests: number
  embedTokens: number
  /** Secrets that were taken out, by rule. */
  redacted: Record<string, number>
  /** The newest of those that keep it from going on in a shard. */
  lastError: string | null
  lastErrorAt: Date | null
}

export function sumShards(shards: readonly ShardProgress[]): PipelineTotals {
  const totals: PipelineTotals = {
    shards: shards.filter((shard) => !shard.isExpired).length,
    behind: 0,
    iteratorAgeMs: 0,
    expiresInMs: null,
    recordsPerSecond: 0,
    records: 0,
    batches: 0,
    filtered: 0,
    dead: 0,
    embedRequests: 0,
    embedTokens: 0,
    redacted: {},
    lastError: null,
    lastErrorAt: null,
  }
  for (const shard of shards) {
    for (const key of summed) totals[key] += shard[key]
    for (const [rule, found] of Object.entries(shard.redacted))
      totals.redacted[rule] = (totals.redacted[rule] ?? 0) + found
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

import type { Pool } from 'pg'
import { timeOfSequence } from '../../log/sequence.ts'
import { follows, isActive } from './pipeline-sql.ts'

/** A pipeline in one shard. */
export interface ShardProgress {
  stream: string
  shard: number
  /** It ended so long ago that retention has taken all of it: nothing but its counts is left. */
  isExpired: boolean
  /** The last processed sequence number; 0: none yet. */
  sequence: bigint
  /** Records that are kept and not processed. */
  behind: number
  /** Since when the oldest of them waits; 0 when there is none. */
  iteratorAgeMs: number
  /** Until retention takes the oldest of them; null when there is none. */
  expiresInMs: number | null
  recordsPerSecond: number
  owner: string | null
  leaseExpiresAt: Date | null
  /** Failures in a row of what comes after `sequence`. */
  failures: number
  lastError: string | null
  lastErrorAt: Date | null
  retryAt: Date | null
  /** Since the checkpoint was made: what was read past, and what became of it. */
  records: number
  batches: number
  filtered: number
  dead: number
  embedRequests: number
  embedTokens: number
  /** Secrets that were taken out, by rule. */
  redacted: Record<string, number>
}

interface ShardRow
  extends Omit<ShardProgress, 'sequence' | 'iteratorAgeMs' | 'expiresInMs' | 'recordsPerSecond'> {
  pipeline: string
  seq: string
  next: string | null
  retentionHours: number
  rateAt: Date | null
  rateRecords: number
  rateBefore: number
  now: Date
}

const hourMs = 3_600_000

/**
 * How far pipelines (by default all) are in each of their shards, by pipeline name; shards that they follow and nobody
 * has looked at yet are among them. A shard that is behind costs what its unread frames' bounds do.
 *
 * Reads: pipeline, stream, shard, checkpoint; of each shard the bounds of the frames after its checkpoint. Locks: none.
 */
export async function readShardProgress(
  deps: { pool: Pool },
  name: string | null = null,
): Promise<Map<string, ShardProgress[]>> {
  const { rows } = await deps.pool.query<ShardRow>(
    `select p.name as pipeline,
            st.name as stream,
            sh.number as shard,
            coalesce(sh.closed_seq < millrace.horizon(st), false) as "isExpired",
            coalesce(c.seq, 0) as seq,
            millrace.records_after(sh.id, read.seq)::float8 as behind,
            millrace.next_seq(sh.id, read.seq) as next,
            st.retention_hours as "retentionHours",
            c.owner,
            c.lease_expires_at as "leaseExpiresAt",
            coalesce(c.failures, 0) as failures,
            c.last_error as "lastError",
            c.last_error_at as "lastErrorAt",
            c.retry_at as "retryAt",
            coalesce(c.records, 0)::float8 as records,
            coalesce(c.batches, 0)::float8 as batches,
            coalesce(c.filtered, 0)::float8 as filtered,
            coalesce(c.dead, 0)::float8 as dead,
            coalesce(c.embed_requests, 0)::float8 as "embedRequests",
            coalesce(c.embed_tokens, 0)::float8 as "embedTokens",
            coalesce(c.redacted, '{}') as redacted,
            c.rate_at as "rateAt",
            coalesce(c.rate_records, 0) as "rateRecords",
            coalesce(c.rate_before, 0) as "rateBefore",
            clock_timestamp() as now
       from millrace.pipeline p
      cross join millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       left join millrace.checkpoint c on c.pipeline = p.name and c.shard_id = sh.id
      cross join lateral (select greatest(millrace.horizon(st) - 1, coalesce(c.seq, 0)) as seq) read
      where ($1::text is null or p.name = $1)
        and (c.shard_id is not null or ${follows} and ${isActive})
      order by p.name, st.name, sh.number`,
    [name],
  )
  const found = new Map<string, ShardProgress[]>()
  for (const row of rows) {
    const shards = found.get(row.pipeline)
    if (shards) shards.push(toProgress(row))
    else found.set(row.pipeline, [toProgress(row)])
  }
  return found
}

function toProgress(row: ShardRow): ShardProgress {
  const {
    pipeline: _,
    seq,
    next,
    retentionHours,
    rateAt,
    rateRecords,
    rateBefore,
    now,
    ...shown
  } = row
  // Numbers run ahead of the clock when a millisecond holds more records than it has numbers.
  const ageMs =
    next === null ? null : Math.max(0, now.getTime() - timeOfSequence(BigInt(next)).getTime())
  return {
    ...shown,
    sequence: BigInt(seq),
    iteratorAgeMs: ageMs ?? 0,
    expiresInMs: ageMs === null ? null : Math.max(0, retentionHours * hourMs - ageMs),
    recordsPerSecond: recordsPerSecond({ rateAt, rateRecords, rateBefore }, now),
  }
}

const spanMs = 10_000

/**
 * Records a second over the last ten, from the counts of the ten that began at `rateAt` and of the ten before: of what the
 * window overlaps it takes that share, as if each count had come evenly.
 */
export function recordsPerSecond(
  rate: { rateAt: Date | null; rateRecords: number; rateBefore: number },
  now: Date,
): number {
  if (rate.rateAt === null) return 0
  const since = Math.max(0, now.getTime() - rate.rateAt.getTime())
  if (since >= 2 * spanMs) return 0
  const records =
    since < spanMs
      ? rate.rateRecords + rate.rateBefore * (1 - since / spanMs)
      : rate.rateRecords * (2 - since / spanMs)
  return (records * 1_000) / spanMs
}

import type { Pool, PoolClient } from 'pg'
import type { Lease } from './lease.ts'

/** What a commit adds to what a checkpoint knows. */
export interface Progress {
  /** The last sequence number that is done. */
  seq: bigint
  /** Records passed, whatever became of them; of them `filtered` by a pattern, `dead` given up. */
  records: number
  filtered: number
  dead: number
  /** What was asked of an embedding provider since the last commit. */
  embedRequests: number
  embedTokens: number
  /** Secrets that were taken out of the records, by rule. */
  redacted: Readonly<Record<string, number>>
}

/** A checkpoint that moves past nothing but numbers. */
export const noProgress = {
  records: 0,
  filtered: 0,
  dead: 0,
  embedRequests: 0,
  embedTokens: 0,
  redacted: {},
} as const satisfies Omit<Progress, 'seq'>

/**
 * Moves the checkpoint to `seq` as the first statement of a batch's transaction; false means that the lease was lost or
 * the checkpoint was moved by somebody else, and the transaction must be rolled back.
 *
 * Writes: one checkpoint row. Locks: that row, until commit, so a second worker's compare-and-set waits and then fails.
 * Order: compare old position AND epoch before anything is written. It also renews the lease.
 */
export async function advanceCheckpoint(
  client: PoolClient,
  lease: Lease,
  options: Progress & { leaseMs: number },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'millrace.advance_checkpoint',
    text: `
      update millrace.checkpoint
         set seq = $5,
             failures = 0,
             failed_to = null,
             last_error = null,
             last_error_at = null,
             retry_at = null,
             updated_at = clock_timestamp(),
             lease_expires_at = clock_timestamp() + make_interval(secs => $6 / 1000.0),
             records = records + $7,
             batches = batches + ($7 > 0)::int,
             filtered = filtered + $8,
             dead = dead + $9,
             embed_requests = embed_requests + $10,
             embed_tokens = embed_tokens + $11,
             redacted = case when $12::jsonb is null then redacted
                             else (select jsonb_object_agg(rule, found)
                                     from (select key as rule, sum(value::bigint) as found
                                             from (select * from jsonb_each_text(redacted)
                                                    union all
                                                   select * from jsonb_each_text($12)) as counted
                                            group by key) as sums) end,
             rate_at = case when rate_at > clock_timestamp() - interval '10 s' then rate_at else clock_timestamp() end,
             rate_records = $7 + case when rate_at > clock_timestamp() - interval '10 s' then rate_records else 0 end,
             rate_before = case when rate_at > clock_timestamp() - interval '10 s' then rate_before
                                when rate_at > clock_timestamp() - interval '20 s' then rate_records
                                else 0 end
       where pipeline = $1
         and shard_id = $2
         and seq = $3
         and seq <= $5
         and epoch = $4`,
    values: [
      lease.pipeline,
      lease.shardId,
      String(lease.seq),
      String(lease.epoch),
      String(options.seq),
      options.leaseMs,
      options.records,
      options.filtered,
      options.dead,
      options.embedRequests,
      options.embedTokens,
      Object.keys(options.redacted).length === 0 ? null : JSON.stringify(options.redacted),
    ],
  })
  return rowCount === 1
}

/**
 * Notes that the unit after the checkpoint failed, and when it may be tried again. Only a failure that is `blamed` on
 * its records counts towards their attempts: an outage of the outside world uses up none. `failedTo` is the unit's last
 * number, so that the next attempt has the same extent.
 */
export async function recordFailure(
  deps: { pool: Pool },
  lease: Lease,
  options: {
    error: string
    retryMs: number
    blamed: boolean
    failedTo: bigint | null
    embedRequests: number
    embedTokens: number
  },
): Promise<void> {
  await deps.pool.query(
    `update millrace.checkpoint
        set failures = $6,
            failed_to = coalesce($7, failed_to),
            last_error = $4,
            last_error_at = clock_timestamp(),
            retry_at = clock_timestamp() + make_interval(secs => $5 / 1000.0),
            embed_requests = embed_requests + $8,
            embed_tokens = embed_tokens + $9
      where pipeline = $1
        and shard_id = $2
        and epoch = $3`,
    [
      lease.pipeline,
      lease.shardId,
      String(lease.epoch),
      storableText(options.error),
      options.retryMs,
      lease.failures + (options.blamed ? 1 : 0),
      options.failedTo === null ? null : String(options.failedTo),
      options.embedRequests,
      options.embedTokens,
    ],
  )
}

/** Says in the status why a worker cannot run a pipeline at all; a checkpoint that somebody works says its own. */
export async function noteUnopened(
  deps: { pool: Pool },
  pipeline: string,
  error: string,
): Promise<void> {
  await deps.pool.query(
    `update millrace.checkpoint
        set last_error = $2,
            last_error_at = clock_timestamp()
      where pipeline = $1
        and owner is null`,
    [pipeline, storableText(error)],
  )
}

/** An error's text as PostgreSQL takes it: no NUL, no lone surrogate, not long. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, 1_000)
}

/**
 * Gives every shard of the followed streams that has none a checkpoint at its beginning; returns how many were new.
 * A stream without an open shard is being deleted. A pipeline that is not registered (any more) gets none.
 * Safe to run by any number of processes at any time.
 *
 * Locks: the pipeline's row for key share, when one is missing, so that nobody deletes it meanwhile.
 */
export async function ensureCheckpoints(
  deps: { pool: Pool },
  pipeline: { name: string; streams: 'all' | readonly string[] },
): Promise<number> {
  const { rowCount } = await deps.pool.query(
    `with missing as (
       select sh.id
         from millrace.shard sh
         join millrace.stream st on st.id = sh.stream_id
        where ($2::text[] is null or st.name = any($2::text[]))
          and exists (select from millrace.shard where stream_id = st.id and state = 'open')
          and not exists (select from millrace.checkpoint where pipeline = $1 and shard_id = sh.id)),
     registered as (
       select name
         from millrace.pipeline
        where name = $1
          and exists (select from missing)
          for key share)
     insert into millrace.checkpoint (pipeline, shard_id, seq)
     select registered.name, missing.id, 0
       from registered, missing
         on conflict do nothing`,
    [pipeline.name, pipeline.streams === 'all' ? null : pipeline.streams],
  )
  return rowCount ?? 0
}

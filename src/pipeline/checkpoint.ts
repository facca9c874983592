import type { Pool, PoolClient } from 'pg'
import type { Lease } from './lease.ts'

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
  options: { seq: bigint; leaseMs: number },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'millrace.advance_checkpoint',
    text: `
      update millrace.checkpoint
         set seq = $5,
             failures = 0,
             last_error = null,
             retry_at = null,
             updated_at = clock_timestamp(),
             lease_expires_at = clock_timestamp() + make_interval(secs => $6 / 1000.0)
       where pipeline = $1
         and shard_id = $2
         and seq = $3
         and epoch = $4`,
    values: [
      lease.pipeline,
      lease.shardId,
      String(lease.seq),
      String(lease.epoch),
      String(options.seq),
      options.leaseMs,
    ],
  })
  return rowCount === 1
}

/**
 * Notes that the batch after the checkpoint failed, and when it may be tried again. Only a failure that is `blamed` on a
 * record counts towards its attempts: an outage of the outside world uses up none.
 */
export async function recordFailure(
  deps: { pool: Pool },
  lease: Lease,
  options: { error: string; retryMs: number; blamed: boolean },
): Promise<void> {
  await deps.pool.query(
    `update millrace.checkpoint
        set failures = failures + $6,
            last_error = $4,
            retry_at = clock_timestamp() + make_interval(secs => $5 / 1000.0)
      where pipeline = $1
        and shard_id = $2
        and epoch = $3`,
    [
      lease.pipeline,
      lease.shardId,
      String(lease.epoch),
      storableText(options.error),
      options.retryMs,
      options.blamed ? 1 : 0,
    ],
  )
}

/** An error's text as PostgreSQL takes it: no NUL, no lone surrogate, not long. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, 1_000)
}

/**
 * Gives every shard of the followed streams a checkpoint, at its beginning, where it has none; returns how many were new.
 * A stream without an open shard is being deleted.
 * Safe to run by any number of processes at any time.
 */
export async function ensureCheckpoints(
  deps: { pool: Pool },
  pipeline: { name: string; streams: 'all' | readonly string[] },
): Promise<number> {
  const { rowCount } = await deps.pool.query(
    `insert into millrace.checkpoint (pipeline, shard_id, seq)
     select $1, sh.id, 0
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where ($2::text[] is null or st.name = any($2::text[]))
        and exists (select from millrace.shard where stream_id = st.id and state = 'open')
        and not exists (select from millrace.checkpoint where pipeline = $1 and shard_id = sh.id)
         on conflict do nothing`,
    [pipeline.name, pipeline.streams === 'all' ? null : pipeline.streams],
  )
  return rowCount ?? 0
}

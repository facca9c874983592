import type { Pool } from 'pg'

/*
 * Who works a shard.
 *
 * One row of millrace.checkpoint is the truth: `owner` and `lease_expires_at` (by the database's clock) say who may
 * work, `epoch` grows with each taking, `seq` is how far the work has got. Taking is one UPDATE that only succeeds when
 * the lease is free or has expired, so two takers are ordered by the row's lock and the second finds it taken. What
 * makes a stale owner harmless is not the clock but the compare-and-set of (seq, epoch) in the transaction of its
 * writes (checkpoint.ts): a worker that was frozen past its lease cannot commit, however late it wakes.
 *
 *   free --take--> held --renew--> held --release--> free
 *                   held --expiry--> free (a crash at any step ends here, after at most `leaseMs`)
 */

export interface LeaseKey {
  pipeline: string
  shardId: number
}

export interface Lease extends LeaseKey {
  owner: string
  epoch: bigint
  /** The last processed sequence number; the next batch starts after it. */
  seq: bigint
  /** Failures in a row of the unit after `seq`. */
  failures: number
  /** The last number of that unit; null when it has not failed. */
  failedTo: bigint | null
  /** Something kept that unit from being committed before, its own fault or not. */
  hasWaited: boolean
}

export type TakeLeaseResult =
  | {
      taken: true
      lease: Lease
      /** The database's clock less this process': records are as old as the database says. */
      clockOffsetMs: number
    }
  | { taken: false }

/**
 * Takes the lease of a shard for `leaseMs`, unless somebody else holds it, a retry is not due yet, or the pipeline is
 * paused, has another definition than that of `revision`, or waits for its breaker (whose prober passes).
 *
 * Writes: one checkpoint row. Locks: the pipeline's row for share, so that a pause or another definition, which updates it
 * and then fences the checkpoints, comes wholly before or wholly after; the checkpoint's row, skipped while its owner commits.
 */
export async function takeLease(
  deps: { pool: Pool },
  key: LeaseKey,
  options: { owner: string; leaseMs: number; isProbe?: boolean; revision?: number },
): Promise<TakeLeaseResult> {
  const { rows } = await deps.pool.query<{
    epoch: string
    seq: string
    failures: number
    failedTo: string | null
    hasWaited: boolean
    now: Date
  }>({
    name: 'millrace.take_lease',
    text: `
      with allowed as (
        select name
          from millrace.pipeline
         where name = $1
           and state = 'running'
           and (breaker = 'closed' or $5)
           and ($6::int is null or revision = $6)
           for share),
      free as (
        select c.pipeline, c.shard_id
          from allowed
          join millrace.checkpoint c on c.pipeline = allowed.name
         where c.shard_id = $2
           and (c.owner is null or c.lease_expires_at < clock_timestamp())
           and (c.retry_at is null or c.retry_at <= clock_timestamp())
           for no key update of c skip locked)
      update millrace.checkpoint c
         set owner = $3,
             epoch = c.epoch + 1,
             lease_expires_at = clock_timestamp() + make_interval(secs => $4 / 1000.0),
             updated_at = clock_timestamp()
        from free
       where c.pipeline = free.pipeline
         and c.shard_id = free.shard_id
      returning c.epoch, c.seq, c.failures, c.failed_to as "failedTo",
                c.last_error is not null as "hasWaited", clock_timestamp() as now`,
    values: [
      key.pipeline,
      key.shardId,
      options.owner,
      options.leaseMs,
      options.isProbe ?? false,
      options.revision ?? null,
    ],
  })
  const row = rows[0]
  if (!row) return { taken: false }
  return {
    taken: true,
    clockOffsetMs: row.now.getTime() - Date.now(),
    lease: {
      ...key,
      owner: options.owner,
      epoch: BigInt(row.epoch),
      seq: BigInt(row.seq),
      failures: row.failures,
      failedTo: row.failedTo === null ? null : BigInt(row.failedTo),
      hasWaited: row.hasWaited,
    },
  }
}

/** Extends a lease that is still ours; false when it was lost. */
export async function renewLease(
  deps: { pool: Pool },
  lease: Lease,
  options: { leaseMs: number },
): Promise<boolean> {
  const { rowCount } = await deps.pool.query({
    name: 'millrace.renew_lease',
    text: `
      update millrace.checkpoint
         set lease_expires_at = clock_timestamp() + make_interval(secs => $4 / 1000.0)
       where pipeline = $1
         and shard_id = $2
         and epoch = $3`,
    values: [lease.pipeline, lease.shardId, String(lease.epoch), options.leaseMs],
  })
  return rowCount === 1
}

/** Gives a lease back, if it is still ours. */
export async function releaseLease(deps: { pool: Pool }, lease: Lease): Promise<void> {
  await deps.pool.query(
    `update millrace.checkpoint
        set owner = null,
            lease_expires_at = null
      where pipeline = $1
        and shard_id = $2
        and epoch = $3`,
    [lease.pipeline, lease.shardId, String(lease.epoch)],
  )
}

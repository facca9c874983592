import type { PoolClient } from 'pg'
import { pipelineNotFound } from './pipeline-not-found.ts'

/*
 * How a command takes a pipeline from its workers.
 *
 * Whoever takes a lease locks the pipeline's row for share, so once a command has updated that row no lease of the
 * pipeline is given out until it commits, and no checkpoint is added (which takes the row for key share). Then it raises the epoch of the checkpoints: a batch in flight compares the
 * epoch before it writes, so it either committed before the command got the checkpoint's lock, or never does.
 *
 * Order: the pipeline's row, then its checkpoints by shard_id. A crash before the commit leaves all as it was.
 */

/** Locks a pipeline's row until the transaction ends. Fails with `not_found`. */
export async function lockPipeline(client: PoolClient, name: string): Promise<void> {
  const { rowCount } = await client.query(
    `with locked as (select name from millrace.pipeline where name = $1 for update)
     update millrace.pipeline p
        set updated_at = clock_timestamp()
       from locked
      where p.name = locked.name`,
    [name],
  )
  if (rowCount !== 1) throw await pipelineNotFound(client, name)
}

/** Takes the leases of all shards of a pipeline that is locked; returns how many shards it has. */
export async function fenceCheckpoints(client: PoolClient, name: string): Promise<number> {
  // The order is what a lock of its own is for: an update alone locks in any.
  await client.query(
    'select from millrace.checkpoint where pipeline = $1 order by shard_id for update',
    [name],
  )
  const { rowCount } = await client.query(
    `update millrace.checkpoint
        set epoch = epoch + 1,
            owner = null,
            lease_expires_at = null
      where pipeline = $1`,
    [name],
  )
  return rowCount ?? 0
}

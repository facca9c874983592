import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { fenceCheckpoints, lockPipeline } from './lock-pipeline.ts'

export interface PausedPipeline {
  name: string
  state: 'paused'
  shards: number
}

/**
 * Stops a pipeline until it is resumed, whatever workers run: when this returns, no batch of before can commit any more.
 * Batches in flight are undone and read again after the resume. Does nothing new to one that is paused.
 * Fails with `not_found`.
 *
 * Writes: pipeline, then its checkpoints. Locks and order: lock-pipeline.ts.
 */
export async function pausePipeline(
  deps: { pool: Pool },
  input: { name: string },
): Promise<PausedPipeline> {
  try {
    return await transaction(deps.pool, async (client) => {
      await lockPipeline(client, input.name)
      await client.query(`update millrace.pipeline set state = 'paused' where name = $1`, [
        input.name,
      ])
      const shards = await fenceCheckpoints(client, input.name)
      return { name: input.name, state: 'paused', shards }
    })
  } catch (error) {
    throw toMillraceError(error, `pausing pipeline "${input.name}"`)
  }
}

import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { lockPipeline } from './lock-pipeline.ts'
import { runs } from './pipeline-sql.ts'

export interface ResumedPipeline {
  name: string
  state: 'running'
  shards: number
  /** Live workers that run it; with none it goes on when one starts. */
  workers: number
}

/**
 * Lets a pipeline go on at once: where it waits for a retry, or behind its breaker, it waits no longer.
 * Does the same for one that runs. Fails with `not_found`.
 *
 * Writes: pipeline, then its checkpoints. Locks: both, in this order; leases stay, for no position moves.
 */
export async function resumePipeline(
  deps: { pool: Pool },
  input: { name: string },
): Promise<ResumedPipeline> {
  try {
    return await transaction(deps.pool, async (client) => {
      await lockPipeline(client, input.name)
      await client.query(
        'select from millrace.checkpoint where pipeline = $1 order by shard_id for update',
        [input.name],
      )
      const { rowCount: shards } = await client.query(
        'update millrace.checkpoint set retry_at = null where pipeline = $1',
        [input.name],
      )
      const { rows } = await client.query<{ workers: number }>(
        `update millrace.pipeline p
            set state = 'running',
                breaker = 'closed',
                breaker_until = null,
                breaker_failures = 0,
                breaker_reason = null,
                breaker_since = null
          where name = $1
         returning (select count(*)::int from millrace.worker w where ${runs}) as workers`,
        [input.name],
      )
      return {
        name: input.name,
        state: 'running',
        shards: shards ?? 0,
        workers: rows[0]?.workers ?? 0,
      }
    })
  } catch (error) {
    throw toMillraceError(error, `resuming pipeline "${input.name}"`)
  }
}

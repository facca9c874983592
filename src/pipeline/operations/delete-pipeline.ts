import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { fenceCheckpoints, lockPipeline } from './lock-pipeline.ts'
import { runs } from './pipeline-sql.ts'

export interface DeletePipelineInput {
  name: string
  /** Also while a live worker has it in its configuration, and makes it anew when it starts again. Default false. */
  force?: boolean
  /** Deletes its dead letters as well. Default false: they stay, and can be listed and dropped by its name. */
  deadLetters?: boolean
}

export interface DeletedPipeline {
  name: string
  shards: number
  /** Dead letters that were deleted, and those that are kept. */
  deadLettersDeleted: number
  deadLettersKept: number
}

/**
 * Deletes a pipeline: what it is, its checkpoints and its open windows. What it wrote stays, and so do the lists of its
 * archived files. Fails with `not_found`, or with `resource_in_use` while it has replays, or while a live worker would
 * make it anew from its beginning (paused or not: the new one is not).
 *
 * Writes: pipeline, checkpoint, window_state, dead_letter. Locks and order: lock-pipeline.ts; a batch in flight finds its
 * checkpoint gone and is undone.
 */
export async function deletePipeline(
  deps: { pool: Pool },
  input: DeletePipelineInput,
): Promise<DeletedPipeline> {
  const { name, force = false, deadLetters = false } = input
  try {
    return await transaction(deps.pool, async (client) => {
      await lockPipeline(client, name)
      await refuseReplayed(client, name)
      if (!force) await refuseRunning(client, name)
      const shards = await fenceCheckpoints(client, name)
      await client.query('delete from millrace.checkpoint where pipeline = $1', [name])
      await client.query('delete from millrace.window_state where pipeline = $1', [name])
      const { rowCount: deleted } = deadLetters
        ? await client.query('delete from millrace.dead_letter where pipeline = $1', [name])
        : { rowCount: 0 }
      const { rows } = await client.query<{ kept: number }>(
        'select count(*)::int as kept from millrace.dead_letter where pipeline = $1',
        [name],
      )
      await client.query('delete from millrace.pipeline where name = $1', [name])
      return {
        name,
        shards,
        deadLettersDeleted: deleted ?? 0,
        deadLettersKept: rows[0]?.kept ?? 0,
      }
    })
  } catch (error) {
    throw toMillraceError(error, `deleting pipeline "${name}"`)
  }
}

async function refuseReplayed(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'select name from millrace.pipeline where replay_of = $1 order by name',
    [name],
  )
  if (rows.length === 0) return
  const replays = rows.map((row) => row.name).join(', ')
  throw new MillraceError(
    'resource_in_use',
    `pipeline "${name}" has replays that run its steps (${replays}): delete them first`,
    { details: { pipeline: name, replays } },
  )
}

/** A replay is nobody's configuration: once its row is gone, nothing makes it again. */
async function refuseRunning(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select w.id
       from millrace.pipeline p
       join millrace.worker w on ${runs}
      where p.name = $1
        and p.replay_of is null
      order by w.id`,
    [name],
  )
  if (rows.length === 0) return
  const workers = rows.map((row) => row.id).join(', ')
  throw new MillraceError(
    'resource_in_use',
    `pipeline "${name}" is in the configuration of live workers (${workers}), which would make it anew, from its beginning, at their next start: stop them and take it out of their configuration first; or pause it if it should only rest (millrace pipeline pause ${name}); or add --force if starting over is what you want`,
    { details: { pipeline: name, workers } },
  )
}

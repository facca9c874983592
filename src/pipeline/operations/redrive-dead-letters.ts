import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { type DeadLetterChoice, lockDeadLetters } from './lock-dead-letters.ts'
import { pipelineNotFound } from './pipeline-not-found.ts'
import { runs } from './pipeline-sql.ts'

export interface RedrivenDeadLetters {
  pipeline: string
  /** Letters that are marked now. */
  redriven: number
  /** Letters of those asked for that were marked before and not tried to their end yet. */
  alreadyMarked: number
  /** A paused pipeline tries them when it is resumed, one without workers when one starts. */
  state: 'running' | 'paused'
  workers: number
}

/**
 * Marks dead letters to be tried again by the pipeline's workers: what succeeds is deleted with the commit, what fails
 * keeps its new error and stays. Fails with `not_found` or `invalid_argument`; marks all that are asked for, or none.
 *
 * Writes: dead_letter. Locks: those letters, and the pipeline's row for share, so that it is not deleted meanwhile.
 */
export async function redriveDeadLetters(
  deps: { pool: Pool },
  input: DeadLetterChoice,
): Promise<RedrivenDeadLetters> {
  const { pipeline } = input
  try {
    return await transaction(deps.pool, async (client) => {
      const { rows } = await client.query<Pick<RedrivenDeadLetters, 'state' | 'workers'>>(
        `select p.state,
                (select count(*)::int from millrace.worker w where ${runs}) as workers
           from millrace.pipeline p
          where p.name = $1
            for share`,
        [pipeline],
      )
      const found = rows[0]
      if (!found) throw await pipelineNotFound(client, pipeline)
      const ids = await lockDeadLetters(client, input)
      const { rows: marked } = await client.query<{ marked: number; chosen: number }>(
        `with chosen as (
           select id, redrive_at
             from millrace.dead_letter
            where pipeline = $1
              and ($2::bigint[] is null or id = any($2::bigint[]))),
         marked as (
           update millrace.dead_letter
              set redrive_at = clock_timestamp()
            where id in (select id from chosen where redrive_at is null)
           returning id)
         select (select count(*)::int from marked) as marked,
                (select count(*)::int from chosen) as chosen`,
        [pipeline, ids],
      )
      const { marked: redriven = 0, chosen = 0 } = marked[0] ?? {}
      return { pipeline, redriven, alreadyMarked: chosen - redriven, ...found }
    })
  } catch (error) {
    throw toMillraceError(error, `redriving dead letters of pipeline "${pipeline}"`)
  }
}

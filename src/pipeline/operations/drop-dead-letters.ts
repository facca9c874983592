import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { type DeadLetterChoice, lockDeadLetters } from './lock-dead-letters.ts'
import { requireKnown } from './require-known.ts'

export interface DroppedDeadLetters {
  pipeline: string
  dropped: number
}

/**
 * Deletes dead letters, with the only copy of their records once retention has taken them from the log; those of a deleted
 * pipeline too. Fails with `not_found` or `invalid_argument`; drops all that are asked for, or none.
 *
 * Writes: dead_letter. Locks: those letters; one that a worker is trying is dropped unless the try commits first.
 */
export async function dropDeadLetters(
  deps: { pool: Pool },
  input: DeadLetterChoice,
): Promise<DroppedDeadLetters> {
  const { pipeline } = input
  try {
    return await transaction(deps.pool, async (client) => {
      const ids = await lockDeadLetters(client, input)
      const { rowCount } = await client.query(
        `delete from millrace.dead_letter
          where pipeline = $1
            and ($2::bigint[] is null or id = any($2::bigint[]))`,
        [pipeline, ids],
      )
      if (rowCount === 0) await requireKnown(client, pipeline)
      return { pipeline, dropped: rowCount ?? 0 }
    })
  } catch (error) {
    throw toMillraceError(error, `dropping dead letters of pipeline "${pipeline}"`)
  }
}

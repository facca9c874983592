import type { Pool } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import {
  type DeadLetter,
  type DeadLetterRow,
  letterColumns,
  toDeadLetter,
} from './dead-letter-row.ts'

export interface WholeDeadLetter extends DeadLetter {
  partitionKey: string
  data: Buffer
}

/** One dead letter with the record itself. Fails with `not_found`. */
export async function readDeadLetter(
  deps: { pool: Pool },
  input: { id: bigint },
): Promise<WholeDeadLetter> {
  try {
    const { rows } = await deps.pool.query<
      DeadLetterRow & Pick<WholeDeadLetter, 'partitionKey' | 'data'>
    >(
      `select ${letterColumns}, l.partition_key as "partitionKey", l.data
         from millrace.dead_letter l
         join millrace.shard sh on sh.id = l.shard_id
         join millrace.stream st on st.id = sh.stream_id
        where l.id = $1::numeric`,
      [String(input.id)],
    )
    const row = rows[0]
    if (!row)
      throw new MillraceError(
        'not_found',
        `dead letter ${input.id} does not exist: it was redriven or dropped, or never was; millrace pipeline dead-letters list NAME shows those of a pipeline`,
        { details: { id: String(input.id) } },
      )
    return { ...toDeadLetter(row), partitionKey: row.partitionKey, data: row.data }
  } catch (error) {
    throw toMillraceError(error, `reading dead letter ${input.id}`)
  }
}

import type { Pool } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import {
  type DeadLetter,
  type DeadLetterRow,
  letterColumns,
  toDeadLetter,
} from './dead-letter-row.ts'
import { requireKnown } from './require-known.ts'

export interface ListDeadLettersInput {
  pipeline: string
  /** At most so many, the newest first, 1-10,000. Default 100. */
  limit?: number
  /** Only those given up at this moment or later. */
  since?: Date
  stream?: string
  /** Only of shards with this number. */
  shard?: number
}

export interface DeadLetterPage {
  deadLetters: DeadLetter[]
  /** There are older ones that the limit left out. */
  hasMore: boolean
}

/**
 * The records that a pipeline gave up on, without their payloads, the newest first. Those of a pipeline that was deleted
 * are listed too. Fails with `not_found` or `invalid_argument`.
 */
export async function listDeadLetters(
  deps: { pool: Pool },
  input: ListDeadLettersInput,
): Promise<DeadLetterPage> {
  const { pipeline, limit = 100, since, stream, shard } = input
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new MillraceError('invalid_argument', `expected a limit from 1 to 10000, got ${limit}`)
  try {
    const { rows } = await deps.pool.query<DeadLetterRow>(
      `select ${letterColumns}
         from millrace.dead_letter l
         join millrace.shard sh on sh.id = l.shard_id
         join millrace.stream st on st.id = sh.stream_id
        where l.pipeline = $1
          and ($2::timestamptz is null or l.created_at >= $2)
          and ($3::text is null or st.name = $3)
          and ($4::int is null or sh.number = $4)
        order by l.id desc
        limit $5`,
      [pipeline, since ?? null, stream ?? null, shard ?? null, limit + 1],
    )
    if (rows.length === 0) await requireKnown(deps.pool, pipeline)
    return {
      deadLetters: rows.slice(0, limit).map(toDeadLetter),
      hasMore: rows.length > limit,
    }
  } catch (error) {
    throw toMillraceError(error, `listing the dead letters of pipeline "${pipeline}"`)
  }
}

import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { sqlStateOf, toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import { evenRanges } from './hash-ring.ts'
import { streamName } from './stream-name.ts'

const createStreamSchema = z.strictObject({
  name: z.string().regex(streamName, 'expected 1-128 letters, digits, "_", "." or "-"'),
  /**
   * Default 1. More shards take more parallel writers and readers; order holds within a shard. At most 500: a stream is
   * created in one transaction, whose locks must fit the server's table of them.
   */
  shards: z.number().int().min(1).max(500).default(1),
  /** Default 24, at most 8,760 (365 days). */
  retentionHours: z.number().int().min(24).max(8760).default(24),
  /** The largest record, data and key together. Default 1 MiB, at most 10 MiB. */
  maxRecordBytes: z.number().int().min(1_048_576).max(10_485_760).default(1_048_576),
})

export type CreateStreamInput = z.input<typeof createStreamSchema>

/**
 * Creates a stream, its shards, their tables and their first segments.
 * Fails with `already_exists` or `invalid_argument`.
 *
 * Writes: stream, shard, segment. DDL: the shards' tables. Locks: ShareUpdateExclusive on millrace.frame.
 * Order: one transaction, so a stream is there whole or not at all.
 */
export async function createStream(deps: { pool: Pool }, input: CreateStreamInput): Promise<void> {
  const { name, shards, retentionHours, maxRecordBytes } = validate(
    createStreamSchema,
    input,
    'create stream',
  )
  const ranges = evenRanges(shards)
  try {
    await transaction(deps.pool, async (client) => {
      await client.query(
        `with new_stream as (
           insert into millrace.stream (name, retention_hours, max_record_bytes)
           values ($1, $2, $5)
           returning id
         )
         insert into millrace.shard (stream_id, number, hash_start, hash_end, created_seq)
         select new_stream.id, ordinality - 1, hash_start, hash_end, millrace.seq_at(clock_timestamp())
           from new_stream,
                unnest($3::numeric[], $4::numeric[]) with ordinality as range (hash_start, hash_end, ordinality)
          order by ordinality`,
        [
          name,
          retentionHours,
          ranges.map((range) => String(range.hashStart)),
          ranges.map((range) => String(range.hashEnd)),
          maxRecordBytes,
        ],
      )
      await client.query(
        `select millrace.create_shard_table(sh.id), millrace.ensure_segments(sh.id)
           from millrace.shard sh
           join millrace.stream st on st.id = sh.stream_id
          where st.name = $1
          order by sh.number`,
        [name],
      )
    })
  } catch (error) {
    if (sqlStateOf(error) === '23505')
      throw new MillraceError('already_exists', `stream "${name}" already exists`, {
        details: { stream: name },
        cause: error,
      })
    throw toMillraceError(error, `creating stream "${name}"`)
  }
}

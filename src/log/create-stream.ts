import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { sqlStateOf, toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import { evenRanges } from './hash-ring.ts'
import { maxShards, streamSettings } from './stream-settings.ts'
import { tagsSchema } from './tags.ts'

const createStreamSchema = z.strictObject({
  name: streamSettings.name,
  /** Default 1, at most 500. More shards take more parallel writers and readers; order holds within a shard. */
  shards: z.number().int().min(1).max(maxShards).default(1),
  /** Default `on_demand`: takes what comes, and splits a shard that stays hot. `provisioned`: refuses beyond its rates. */
  mode: streamSettings.mode.default('on_demand'),
  /** Default 24, at most 8,760 (365 days). */
  retentionHours: streamSettings.retentionHours.default(24),
  /** The largest record, data and key together. Default 1 MiB, at most 10 MiB. */
  maxRecordBytes: streamSettings.maxRecordBytes.default(1_048_576),
  /** A shard's rates. Defaults: 1 MiB and 1,000 records when provisioned, 8 MiB and 10,000 on demand. */
  shardBytesPerSecond: streamSettings.shardBytesPerSecond.optional(),
  shardRecordsPerSecond: streamSettings.shardRecordsPerSecond.optional(),
  /** Whether reads of a shard are held to 2 MiB and 5 calls a second. Default false. */
  limitReads: streamSettings.limitReads.default(false),
  tags: tagsSchema.default({}),
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
  const settings = validate(createStreamSchema, input, 'create stream')
  const { name } = settings
  const ranges = evenRanges(settings.shards)
  try {
    await transaction(deps.pool, async (client) => {
      await client.query(
        `with new_stream as (
           insert into millrace.stream (name, mode, retention_hours, max_record_bytes, shard_bytes_per_second,
                                        shard_records_per_second, limit_reads, tags)
           values ($1, $4, $5, $6, $7, $8, $9, $10)
           returning id
         )
         insert into millrace.shard (stream_id, number, hash_start, hash_end, created_seq)
         select new_stream.id, ordinality - 1, hash_start, hash_end, millrace.seq_at(statement_timestamp())
           from new_stream,
                unnest($2::numeric[], $3::numeric[]) with ordinality as range (hash_start, hash_end, ordinality)
          order by ordinality`,
        [
          name,
          ranges.map((range) => String(range.hashStart)),
          ranges.map((range) => String(range.hashEnd)),
          settings.mode,
          settings.retentionHours,
          settings.maxRecordBytes,
          settings.shardBytesPerSecond ?? null,
          settings.shardRecordsPerSecond ?? null,
          settings.limitReads,
          settings.tags,
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

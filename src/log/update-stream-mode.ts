import type { Pool } from 'pg'
import { z } from 'zod'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { streamNotFound } from './stream-not-found.ts'
import { streamSettings } from './stream-settings.ts'

const schema = z.strictObject({
  stream: z.string(),
  mode: streamSettings.mode,
  /** A shard's rates. Default: the mode's. */
  shardBytesPerSecond: streamSettings.shardBytesPerSecond.optional(),
  shardRecordsPerSecond: streamSettings.shardRecordsPerSecond.optional(),
  /** Default: as it is. */
  limitReads: streamSettings.limitReads.optional(),
})

export type UpdateStreamModeInput = z.input<typeof schema>

/**
 * Changes a stream between `on_demand` and `provisioned`, its shards' rates, and whether its reads are limited. The next
 * append and the next read go by it. Fails with `invalid_argument` or `not_found`.
 */
export async function updateStreamMode(
  deps: { pool: Pool },
  input: UpdateStreamModeInput,
): Promise<void> {
  const settings = validate(schema, input, 'update stream mode')
  const { rowCount } = await deps.pool
    .query(
      `update millrace.stream
          set mode = $2,
              shard_bytes_per_second = $3,
              shard_records_per_second = $4,
              limit_reads = coalesce($5, limit_reads)
        where name = $1`,
      [
        settings.stream,
        settings.mode,
        settings.shardBytesPerSecond ?? null,
        settings.shardRecordsPerSecond ?? null,
        settings.limitReads ?? null,
      ],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'updating the stream mode')
    })
  if (rowCount === 0) throw streamNotFound(settings.stream)
}

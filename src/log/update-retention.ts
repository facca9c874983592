import type { Pool } from 'pg'
import { z } from 'zod'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { streamNotFound } from './stream-not-found.ts'
import { streamSettings } from './stream-settings.ts'

const schema = z.strictObject({ stream: z.string(), retentionHours: streamSettings.retentionHours })

export type UpdateRetentionInput = z.input<typeof schema>

/**
 * Changes how long a stream keeps its records, 24 to 8,760 hours. Lowering hides what is older at once (its disk is freed
 * segment by segment); raising keeps what is there longer and brings nothing back that was hidden.
 * Fails with `invalid_argument` or `not_found`.
 *
 * Writes: stream. Order: the horizon of this moment is stored with the new retention, in one statement, so it never goes back.
 */
export async function updateRetention(
  deps: { pool: Pool },
  input: UpdateRetentionInput,
): Promise<void> {
  const { stream, retentionHours } = validate(schema, input, 'update retention')
  const { rowCount } = await deps.pool
    .query(
      `update millrace.stream as st
          set trim_seq = millrace.horizon(st),
              retention_hours = $2
        where name = $1`,
      [stream, retentionHours],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'updating the retention')
    })
  if (rowCount === 0) throw streamNotFound(stream)
}

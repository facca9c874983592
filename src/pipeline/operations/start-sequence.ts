import type { PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { sequenceAt } from '../../log/sequence.ts'

/** Where in its shards a pipeline goes on: at the oldest record kept, behind the newest, or at a moment. */
export type Position = 'TRIM_HORIZON' | 'LATEST' | Date

const maxSequence = 2n ** 63n - 1n

/**
 * The number behind which a position's first record is, before a shard's own end bounds it.
 * Fails with `invalid_argument` for a moment in the future, by the database's clock.
 */
export async function startSequence(client: PoolClient, position: Position): Promise<bigint> {
  if (position === 'TRIM_HORIZON') return 0n
  if (position === 'LATEST') return maxSequence
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now')
  const now = rows[0]?.now
  if (now === undefined || position > now)
    throw new MillraceError(
      'invalid_argument',
      `expected a time that is not in the future, got ${position.toISOString()} while it is ${now?.toISOString()}; LATEST skips what is there now`,
    )
  return sequenceAt(position) - 1n
}

/**
 * The checkpoint in shard `id` (an SQL expression) for a start sequence (another): never beyond the shard's last record,
 * so that a clock that was set back loses nothing, and a shard that ended before the moment is simply done.
 */
export function boundedStart(id: string, start: string): string {
  return `greatest(0, least(${start}::bigint, coalesce(millrace.last_seq(${id}), 0)))`
}

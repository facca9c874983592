import type { Pool } from 'pg'
import { transaction } from '../db/transaction.ts'

/**
 * Creates the segments ahead of the clock that these shards lack; returns how many it made. Safe to run anywhere, at
 * any time, by any number of processes: creators of one shard queue on an advisory lock and find the work done.
 * Fails with `conflict` (retryable) when a lock is not had in half a second: whoever calls it calls again.
 */
export async function ensureSegments(
  deps: { pool: Pool },
  shardIds: readonly number[] | 'all',
): Promise<number> {
  return transaction(deps.pool, async (client) => {
    await client.query(`set local lock_timeout = '500ms'`)
    const { rows } = await client.query<{ created: string }>(
      `select coalesce(sum(millrace.ensure_segments(id)), 0) as created
         from (select id
                 from millrace.shard
                where state = 'open'
                  and ($1::int[] is null or id = any($1::int[]))
                order by id) as wanted`,
      [shardIds === 'all' ? null : shardIds],
    )
    return Number(rows[0]?.created ?? 0)
  })
}

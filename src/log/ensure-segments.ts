import type { Pool } from 'pg'
import { transaction } from '../db/transaction.ts'

/** Shards whose segments are made in one transaction: each takes a dozen locks of the server's table of 6,400. */
const chunk = 50

/**
 * Creates the segments ahead of the clock that these shards lack; returns how many it made. Safe to run anywhere, at
 * any time, by any number of processes: creators of one shard queue on an advisory lock and find the work done.
 * Fails with `conflict` (retryable) when a lock is not had in half a second: whoever calls it calls again.
 */
export async function ensureSegments(
  deps: { pool: Pool },
  shardIds: readonly number[] | 'all',
): Promise<number> {
  const ids = shardIds === 'all' ? await findOpenShards(deps.pool) : shardIds
  let created = 0
  for (let at = 0; at < ids.length; at += chunk)
    created += await transaction(deps.pool, async (client) => {
      await client.query(`set local lock_timeout = '500ms'`)
      const { rows } = await client.query<{ created: string }>(
        `select coalesce(sum(millrace.ensure_segments(id)), 0) as created
           from (select id from millrace.shard where id = any($1::int[]) order by id) as wanted`,
        [ids.slice(at, at + chunk)],
      )
      return Number(rows[0]?.created ?? 0)
    })
  return created
}

async function findOpenShards(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `select id
       from millrace.shard
      where state = 'open'
      order by id`,
  )
  return rows.map((row) => row.id)
}

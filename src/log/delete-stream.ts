import type { Pool } from 'pg'
import { backoffMs, wait } from '../base/backoff.ts'
import { MillraceError } from '../base/errors.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'

const maxAttempts = 5

/**
 * Deletes a stream with its records, the events made of them and the pipelines' places in it. Patterns stay: other
 * streams share them. Fails with `not_found`, or `conflict` (retryable) when others hold its tables all the time.
 *
 * Writes: shard, checkpoint, then event, dead_letter, segment, shard, stream. DDL: drops the shards' tables.
 * Order: 1. closes the shards, which waits for appends in flight and lets no later one in, and deletes their checkpoints,
 *           which waits for batches in flight and lets no later one commit: nothing is written for them from then on;
 *        2. shard by shard, in a transaction each (a shard with many segments takes thousands of locks): locks
 *           millrace.frame first, since an append to another stream may hold it while it waits for nothing of ours;
 *        3. the stream's own row. A crash leaves a closed stream that the next delete goes on with.
 */
export async function deleteStream(deps: { pool: Pool }, name: string): Promise<void> {
  try {
    const ids = await closeShards(deps.pool, name)
    for (const id of ids) await dropShard(deps.pool, id)
    await deps.pool.query('delete from millrace.stream where name = $1', [name])
  } catch (error) {
    throw toMillraceError(error, `deleting stream "${name}"`)
  }
}

async function closeShards(pool: Pool, name: string): Promise<number[]> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number | null }>(
      `select sh.id
         from millrace.stream st
         left join millrace.shard sh on sh.stream_id = st.id
        where st.name = $1
        order by sh.id`,
      [name],
    )
    if (rows.length === 0)
      throw new MillraceError('not_found', `stream "${name}" does not exist`, {
        details: { stream: name },
      })
    const ids = rows.flatMap((row) => row.id ?? [])
    await client.query(
      `update millrace.shard
          set state = 'closed',
              closed_seq = coalesce(millrace.last_seq(id), 0)
        where id = any($1::int[])
          and state = 'open'`,
      [ids],
    )
    await client.query('delete from millrace.checkpoint where shard_id = any($1::int[])', [ids])
    return ids
  })
}

async function dropShard(pool: Pool, id: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await transaction(pool, async (client) => {
        await client.query(`set local lock_timeout = '2s'`)
        await client.query('lock table millrace.frame in access exclusive mode')
        for (const table of ['event', 'checkpoint', 'dead_letter', 'segment'])
          await client.query(`delete from millrace.${table} where shard_id = $1`, [id])
        await client.query(`drop table if exists millrace.frame_s${id}`)
        await client.query('delete from millrace.shard where id = $1', [id])
      })
      return
    } catch (error) {
      const failure = toMillraceError(error, `dropping shard ${id}`)
      if (failure.code !== 'conflict' || attempt === maxAttempts) throw failure
      await wait(backoffMs(attempt))
    }
  }
}

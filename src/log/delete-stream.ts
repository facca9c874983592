import type { Pool } from 'pg'
import { backoffMs, wait } from '../base/backoff.ts'
import { MillraceError } from '../base/errors.ts'
import { detachPartition } from '../db/detach-partition.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import { dropSegments } from './retire-segments.ts'
import { streamNotFound } from './stream-not-found.ts'

const maxAttempts = 5

/** Tables dropped in one transaction: each takes half a dozen locks of the server's table of 6,400. */
const chunk = 50

export interface DeleteStreamOptions {
  /** Deletes a stream although consumers are registered. Default false. */
  enforceConsumerDeletion?: boolean
}

/**
 * Deletes a stream with its records, the events made of them and the pipelines' places in it. Patterns stay: other
 * streams share them. Fails with `not_found`, `resource_in_use` when consumers are registered, or `conflict` (retryable)
 * when a transaction that has read the log stays open.
 *
 * Writes: shard, checkpoint, then event, dead_letter, segment, shard, consumer, stream. DDL: drops the shards' tables.
 * Order: 1. closes the shards, which waits for appends in flight and lets no later one in, and deletes their checkpoints,
 *           which waits for batches in flight and lets no later one commit: nothing is written for them from then on;
 *        2. shard by shard: its table is detached, which nobody feels, its segments are dropped, then what was made of it
 *           goes with its row;
 *        3. the stream's own row. A crash leaves a closed stream that the next delete goes on with.
 */
export async function deleteStream(
  deps: { pool: Pool },
  name: string,
  options: DeleteStreamOptions = {},
): Promise<void> {
  try {
    const ids = await closeShards(deps.pool, name, options)
    for (const id of ids) await dropShard(deps, id)
    await transaction(deps.pool, async (client) => {
      await client.query(
        `delete from millrace.consumer
          where stream_id = (select id from millrace.stream where name = $1)`,
        [name],
      )
      await client.query('delete from millrace.stream where name = $1', [name])
    })
  } catch (error) {
    throw toMillraceError(error, `deleting stream "${name}"`)
  }
}

async function closeShards(
  pool: Pool,
  name: string,
  options: DeleteStreamOptions,
): Promise<number[]> {
  return transaction(pool, async (client) => {
    // The lock that a reshard takes: no shard is opened meanwhile.
    const { rows: streams } = await client.query<{ id: number; consumers: number }>(
      `select id, (select count(*)::int from millrace.consumer where stream_id = st.id) as consumers
         from millrace.stream st
        where name = $1
          for no key update`,
      [name],
    )
    const stream = streams[0]
    if (!stream) throw streamNotFound(name)
    if (stream.consumers > 0 && !options.enforceConsumerDeletion)
      throw new MillraceError(
        'resource_in_use',
        `stream "${name}" has registered consumers (${stream.consumers}): deregister them, or delete it with --enforce-consumer-deletion`,
        { details: { stream: name, consumers: stream.consumers } },
      )
    const { rows } = await client.query<{ id: number }>(
      'select id from millrace.shard where stream_id = $1 order by id for no key update',
      [stream.id],
    )
    const ids = rows.map((row) => row.id)
    await client.query(
      `update millrace.shard
          set state = 'closed',
              closed_seq = greatest(created_seq, millrace.last_seq(id), millrace.seq_at(clock_timestamp()))
        where id = any($1::int[])
          and state = 'open'`,
      [ids],
    )
    await client.query('delete from millrace.checkpoint where shard_id = any($1::int[])', [ids])
    return ids
  })
}

async function dropShard(deps: { pool: Pool }, id: number): Promise<void> {
  const table = `frame_s${id}`
  await persist(`detaching ${table}`, () => detachPartition(deps, { parent: 'frame', table }))
  const { rows } = await deps.pool.query<{ table: string }>(
    'select table_name as table from millrace.segment where shard_id = $1 order by start_seq',
    [id],
  )
  const tables = rows.map((row) => row.table)
  for (let at = 0; at < tables.length; at += chunk)
    await persist(`dropping segments of ${table}`, async () => {
      await dropSegments(deps, id, tables.slice(at, at + chunk))
      return true
    })
  await transaction(deps.pool, async (client) => {
    // For update: no worker gives the shard a checkpoint any more, which then would refer to nothing.
    await client.query('select from millrace.shard where id = $1 for update', [id])
    for (const written of [
      'checkpoint',
      'window_state',
      'event',
      'event_count',
      'dead_letter',
      'read_call',
    ])
      await client.query(`delete from millrace.${written} where shard_id = $1`, [id])
    await client.query(`drop table if exists millrace.${table}`)
    await client.query('delete from millrace.shard where id = $1', [id])
  })
}

/** Tries again while others are in the way, a few times. */
async function persist(action: string, attemptIt: () => Promise<boolean>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (await attemptIt()) return
    } catch (error) {
      if (toMillraceError(error, action).code !== 'conflict') throw error
    }
    if (attempt === maxAttempts)
      throw new MillraceError(
        'conflict',
        `${action}: a transaction that has read the log stays open; end it (pg_stat_activity shows it) and delete the stream again`,
        { retryable: true },
      )
    await wait(backoffMs(attempt))
  }
}

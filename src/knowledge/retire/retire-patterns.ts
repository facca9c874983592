import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'

/** Patterns deleted in one transaction, for whose time batches wait. */
const chunk = 200
/** Most of one run. */
const most = 10_000

/**
 * Deletes patterns that have no event and were made more than `retentionHours` ago, with their shapes and vectors;
 * returns how many. A line of such a shape that comes later makes a new pattern.
 *
 * Workers know shapes by heart, so one may be about to write an event of a pattern that goes. States of what a process
 * knows: known as of an epoch -> forgotten, when `match` finds another epoch. What was matched before the deletion and
 * is written after it, insertEvents finds out in the batch's own transaction, and the batch is worked again.
 * Owner of the truth: the pattern's row.
 *
 * Reads: pattern, event_count. Writes: pattern_shape, pattern_embedding, pattern, retirement.
 * Locks: that of learning, so that no new shape is matched to what goes; the event table against writers, so that each
 * batch is either seen here or sees what was deleted; the patterns' rows, for which an embedding in flight waits.
 * Order: all or nothing, a chunk at a time. Whoever is in the way for a second makes it end there, until the
 * next run.
 */
export async function retirePatterns(
  deps: { pool: Pool },
  input: { retentionHours: number },
): Promise<number> {
  let retired = 0
  try {
    const ids = await findUnused(deps.pool, input.retentionHours)
    for (let at = 0; at < ids.length; at += chunk)
      retired += await deleteUnused(deps.pool, ids.slice(at, at + chunk))
  } catch (error) {
    const failure = toMillraceError(error, 'retiring patterns')
    if (failure.code !== 'conflict') throw failure
  }
  return retired
}

const isUnused = `not exists (select from millrace.event_count c where c.pattern_id = p.id)`

async function findUnused(pool: Pool, retentionHours: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `select p.id
       from millrace.pattern p
      where p.created_at < clock_timestamp() - make_interval(hours => $1)
        and ${isUnused}
      order by p.id
      limit ${most}`,
    [retentionHours],
  )
  return rows.map((row) => row.id)
}

async function deleteUnused(pool: Pool, candidates: readonly number[]): Promise<number> {
  return transaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '1s'`)
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.pattern'))`)
    await client.query('lock table only millrace.event in share mode')
    const { rows } = await client.query<{ id: number }>(
      `select p.id
         from millrace.pattern p
        where p.id = any($1::int[])
          and ${isUnused}
        order by p.id
          for update`,
      [candidates],
    )
    if (rows.length === 0) return 0
    const ids = [rows.map((row) => row.id)]
    await client.query('delete from millrace.pattern_shape where pattern_id = any($1::int[])', ids)
    await client.query(
      'delete from millrace.pattern_embedding where pattern_id = any($1::int[])',
      ids,
    )
    await client.query('delete from millrace.pattern where id = any($1::int[])', ids)
    await client.query('update millrace.retirement set pattern_epoch = pattern_epoch + 1')
    return rows.length
  })
}

import type { Pool } from 'pg'
import { wait } from '../../base/backoff.ts'
import { detachPartition } from '../../db/detach-partition.ts'
import { sqlStateOf, sqlStates, toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { emptySegment, holdsEvents } from './empty-segment.ts'

/*
 * Retires events, a day of arrival at a time, so that `event` and `event_count` agree at every moment.
 *
 * States of a day: kept -> behind the horizon -> empty -> detach pending -> detached -> gone. A crash leaves one of them
 * and the next run goes on from it; counts are right in all of them:
 *   behind the horizon  Its events are there and are counted. Nothing is added: insertEvents leaves out what is behind.
 *   empty               One transaction took the events and their counts.
 *   detach pending, detached, gone   There was nothing in it.
 * Owner of the truth: retirement.event_seq, which only grows. The horizon is raised under a lock that waits for the
 * batches that have read it, so no batch that began under the old one is left when a day is emptied.
 *
 * A batch never meets an error: it writes to no day that is behind. A search never does either: what it waits for is
 * the truncation of a table (tries of a tenth of a second, which it outlives), and a detach that it does not feel.
 */

/** For batches in flight. Others wait behind it, so it is short; readers and producers do not. */
const horizonLock = '2s'
/** Tries to get the moment without readers of the day that a truncation needs, and the pause between them. */
const truncateTries = 20
const pauseMs = 150

export interface RetiredEvents {
  events: number
  /** Days whose table is gone. */
  days: number
}

/**
 * Deletes the events that arrived more than `retentionHours` ago, by whole days: an event is kept for at most a day
 * longer. What others hold is left to the next run.
 */
export async function retireEvents(
  deps: { pool: Pool },
  input: { retentionHours: number },
): Promise<RetiredEvents> {
  const retired = { events: 0, days: 0 }
  try {
    await raiseHorizon(deps.pool, input.retentionHours).catch(unlessBusy)
    for (const day of await findRetirable(deps.pool)) {
      if (day.isAttached) {
        const emptied = await emptyDay(deps.pool, day.table)
        if (emptied === null) continue
        retired.events += emptied
        if (!(await detachPartition(deps, { parent: 'event', table: day.table }))) continue
      }
      if (await dropDay(deps.pool, day.table)) retired.days += 1
    }
    return retired
  } catch (error) {
    throw toMillraceError(error, 'retiring events')
  }
}

/**
 * Locks: the event table against writers, which waits for those that have read the horizon. Whoever writes next reads it
 * after that lock. Taken once a day, when the horizon moves.
 */
async function raiseHorizon(pool: Pool, retentionHours: number): Promise<void> {
  const horizon = `
    select millrace.seq_at(clock_timestamp() - make_interval(hours => $1)) / (86400000::bigint << 22)
           * (86400000::bigint << 22) as seq`
  const { rows } = await pool.query<{ moves: boolean }>(
    `select event_seq < horizon.seq as moves from millrace.retirement, (${horizon}) as horizon`,
    [retentionHours],
  )
  if (!rows[0]?.moves) return
  await transaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '${horizonLock}'`)
    await client.query('lock table only millrace.event in share mode')
    await client.query(
      `update millrace.retirement
          set event_seq = greatest(event_seq, (${horizon}))`,
      [retentionHours],
    )
  })
}

/** What others hold is left to the next run. */
function unlessBusy(error: unknown): null {
  if (toMillraceError(error, '').code === 'conflict') return null
  throw error
}

/** So is a day that another run has dropped since this one found it. */
function unlessTaken(error: unknown): null {
  return sqlStateOf(error) === sqlStates.noTable ? null : unlessBusy(error)
}

interface Day {
  table: string
  isAttached: boolean
}

/** The days behind the horizon, oldest first, those that a crash left detached included. */
async function findRetirable(pool: Pool): Promise<Day[]> {
  const { rows } = await pool.query<Day>(
    `select c.relname as table, i.inhrelid is not null as "isAttached"
       from pg_class c
       left join pg_inherits i on i.inhrelid = c.oid
      cross join millrace.retirement r
      where c.relnamespace = 'millrace'::regnamespace
        and c.relkind = 'r'
        and c.relname ~ '^event_[0-9]{8}$'
        and millrace.seq_at((to_date(substr(c.relname, 7), 'YYYYMMDD') + 1)::timestamp at time zone 'UTC')
            <= r.event_seq
      order by c.relname`,
  )
  return rows
}

/** Takes a day's events and counts; null when others hold it, or have dropped it. */
async function emptyDay(pool: Pool, table: string): Promise<number | null> {
  const holds = await holdsEvents(pool, table).catch(unlessTaken)
  if (!holds) return holds === null ? null : 0
  return transaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '500ms'`)
    // Nobody changes its events from here on; readers go on.
    await client.query(`lock table millrace.${table} in share row exclusive mode`)
    const events = await emptySegment(client, table)
    for (let attempt = 1; ; attempt += 1) {
      await client.query(`savepoint before; set local lock_timeout = '100ms'`)
      try {
        await client.query(`truncate millrace.${table}`)
        return events
      } catch (error) {
        if (sqlStateOf(error) !== sqlStates.lockTimeout || attempt === truncateTries) throw error
        await client.query('rollback to savepoint before')
        await wait(pauseMs)
      }
    }
  }).catch(unlessTaken)
}

/** Drops a detached day; false when others hold it, or have dropped it. A worker of an older version may have written to it meanwhile. */
async function dropDay(pool: Pool, table: string): Promise<boolean> {
  const dropped = await transaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '500ms'`)
    await client.query(`lock table millrace.${table} in access exclusive mode`)
    if (await holdsEvents(client, table)) await emptySegment(client, table)
    await client.query(`drop table millrace.${table}`)
    return true
  }).catch(unlessTaken)
  return dropped !== null
}

import type { Pool, PoolClient } from 'pg'
import { minuteOf } from '../counted-events.ts'

export async function holdsEvents(client: Pool | PoolClient, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select exists (select from millrace.${table}) as found`,
  )
  return rows[0]?.found ?? false
}

/**
 * Takes the events of one day's table out of `event_count`; returns how many there were. The caller holds the table
 * against writers, and truncates or drops it in the same transaction.
 *
 * A minute is of the events' own time and the table is of a day of arrival, so a minute may have events elsewhere too:
 * one at midnight, a late line. Those stay counted, and the minute's first and last are found again among them.
 *
 * Reads: the table once; event by (pattern_id, at), for the minutes that stay. Writes: event_count.
 * Locks: the rows of these minutes, to the end, before anything is decided by them: a batch that counts a late line in
 * the same minute is waited for, or waits and then adds to what is left. Order: by key, as insertEvents takes them.
 */
export async function emptySegment(client: PoolClient, table: string): Promise<number> {
  await client.query(
    `create temporary table retiring on commit drop as
     select pattern_id, shard_id, ${minuteOf('at')} as minute, count(*)::int as events
       from millrace.${table}
      group by 1, 2, 3`,
  )
  await client.query('analyze retiring')
  await client.query(
    `select
       from millrace.event_count c
       join retiring r using (pattern_id, minute, shard_id)
      order by c.pattern_id, c.minute, c.shard_id
        for no key update of c`,
  )
  await client.query(
    `delete from millrace.event_count c
      using retiring r
      where (c.pattern_id, c.minute, c.shard_id) = (r.pattern_id, r.minute, r.shard_id)
        and c.events <= r.events`,
  )
  await client.query(
    `update millrace.event_count c
        set events = c.events - left_over.retired,
            first_at = left_over.first_at,
            last_at = left_over.last_at
       from (select m.pattern_id, m.minute, m.shard_id, r.events as retired, kept.first_at, kept.last_at
               from retiring r
               join millrace.event_count m using (pattern_id, minute, shard_id)
              cross join lateral (
                    select coalesce(min(e.at), m.first_at) as first_at, coalesce(max(e.at), m.last_at) as last_at
                      from millrace.event e
                     where e.pattern_id = m.pattern_id
                       and e.at >= m.minute
                       and e.at < m.minute + interval '1 minute'
                       and e.shard_id = m.shard_id
                       and e.tableoid <> 'millrace.${table}'::regclass) as kept) as left_over
      where (c.pattern_id, c.minute, c.shard_id) = (left_over.pattern_id, left_over.minute, left_over.shard_id)`,
  )
  const { rows } = await client.query<{ events: number }>(
    'select coalesce(sum(events), 0)::float8 as events from retiring',
  )
  return rows[0]?.events ?? 0
}

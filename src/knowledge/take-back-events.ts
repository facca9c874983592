import type { PoolClient } from 'pg'
import { minuteOf } from './counted-events.ts'
import type { Event } from './insert-events.ts'

/**
 * Deletes the stored events that longer ones replace, and counts them no longer: the insert that follows stores and counts
 * the longer ones. Longer by its lines: its body may be shorter, since a secret that is whole is one placeholder. One that
 * is stored as it is stays, and the insert passes it.
 *
 * Reads: event by (pattern_id, at), for the minutes that stay. Writes: event, event_count. Locks: the events, then the
 * rows of their minutes, to the end of the batch, before anything is decided by them: a replay of the same shard and
 * retirement (see retire/) count in them too. Order: by key, as insertEvents takes them. A count of none is no row.
 */
export async function takeBackEvents(
  client: PoolClient,
  shardId: number,
  longer: readonly Event[],
): Promise<void> {
  const { rows: lost } = await client.query<{ pattern: number; minute: string; events: number }>({
    name: 'millrace.take_back_events',
    text: `
      with taken as (
      delete from millrace.event e
       using unnest($2::bigint[], $3::text[]) as line (seq, body)
       where e.shard_id = $1::int
         and e.seq = line.seq
         and e.body <> line.body
      returning e.pattern_id, ${minuteOf('e.at')} as minute)
      select pattern_id as pattern, minute::text, count(*)::int as events
        from taken
       group by pattern_id, minute`,
    values: [
      shardId,
      longer.map((event) => String(event.sequence)),
      longer.map((event) => event.body),
    ],
  })
  if (lost.length === 0) return
  const values = [
    shardId,
    lost.map(({ pattern }) => pattern),
    lost.map(({ minute }) => minute),
    lost.map(({ events }) => events),
  ]
  const lostOnes =
    'unnest($2::int[], $3::timestamptz[], $4::int[]) as lost (pattern_id, minute, events)'
  await client.query({
    name: 'millrace.lock_counts_taken_back',
    text: `
      select
        from millrace.event_count c
        join ${lostOnes} using (pattern_id, minute)
       where c.shard_id = $1::int
       order by c.pattern_id, c.minute
         for no key update of c`,
    values,
  })
  await client.query({
    name: 'millrace.uncount_events',
    text: `
      with emptied as (
      delete from millrace.event_count c
       using ${lostOnes}
       where c.shard_id = $1::int
         and (c.pattern_id, c.minute) = (lost.pattern_id, lost.minute)
         and c.events <= lost.events)
      update millrace.event_count c
         set events = c.events - lost.events,
             first_at = coalesce((select min(e.at) ${inMinute}), c.first_at),
             last_at = coalesce((select max(e.at) ${inMinute}), c.last_at)
        from ${lostOnes}
       where c.shard_id = $1::int
         and (c.pattern_id, c.minute) = (lost.pattern_id, lost.minute)
         and c.events > lost.events`,
    values,
  })
}

const inMinute = `
              from millrace.event e
             where e.pattern_id = c.pattern_id
               and e.at >= c.minute
               and e.at < c.minute + interval '1 minute'
               and e.shard_id = c.shard_id`

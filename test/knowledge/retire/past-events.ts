import type { Database } from '../../../src/db/open-database.ts'
import { transaction } from '../../../src/db/transaction.ts'
import {
  createEventSegments,
  type Event,
  insertEvents,
} from '../../../src/knowledge/insert-events.ts'
import { sequenceAt } from '../../../src/log/sequence.ts'

export const dayMs = 86_400_000

/** An event that arrived at one moment and happened at the same, or at another. */
export function pastEvent(
  patternId: number,
  arrived: Date,
  more: { at?: Date; place?: number; body?: string; terms?: readonly string[] } = {},
): Event {
  const { at = arrived, place = 0, body = 'something happened', terms = [] } = more
  const sequence = sequenceAt(arrived) + BigInt(place)
  const unknown = { host: null, pod: null, traceId: null, attributes: null }
  return { ...unknown, sequence, at, patternId, severity: 9, service: 'web', body, terms }
}

/** Writes events as a batch of a worker does: of any order, in that of their sequence numbers. */
export async function insertBatch(
  { pool }: Pick<Database, 'pool'>,
  shardId: number,
  events: readonly Event[],
): Promise<void> {
  const sorted = events.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1))
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return
  await createEventSegments({ pool })(first.sequence, last.sequence)
  await transaction(pool, (client) => insertEvents(client, shardId, sorted))
}

/** What is counted, and what the events themselves say; equal at every moment. */
export async function readCounts({ pool }: Pick<Database, 'pool'>) {
  const { rows } = await pool.query<{ counted: unknown[]; recounted: unknown[] }>(
    `select (select coalesce(json_agg(c order by c), '[]')
               from (select pattern_id, shard_id, minute, events, first_at, last_at
                       from millrace.event_count) as c (pattern_id, shard_id, minute, events, first_at, last_at)) as counted,
            (select coalesce(json_agg(e order by e), '[]')
               from (select pattern_id, shard_id, date_trunc('minute', at, 'UTC') as minute, count(*)::int as events,
                            min(at) as first_at, max(at) as last_at
                       from millrace.event
                      group by 1, 2, 3) as e) as recounted`,
  )
  return { counted: rows[0]?.counted, recounted: rows[0]?.recounted }
}

/** True while somebody waits for what another transaction holds. */
export async function isWaiting({ pool }: Pick<Database, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query(
    `select from pg_locks l
       join pg_stat_activity a using (pid)
      where a.datname = current_database()
        and not l.granted`,
  )
  return rows.length > 0
}

/** The tables of days, attached or not. */
export async function dayTables({ pool }: Pick<Database, 'pool'>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name
       from pg_class
      where relname ~ '^event_[0-9]{8}$'
      order by 1`,
  )
  return rows.map((row) => row.name)
}

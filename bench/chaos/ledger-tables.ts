import type { Pool, PoolClient } from 'pg'
import { type Note, poisonOf } from './notes.ts'

/** A note as the ledger's pipeline has it at its end. */
export interface LedgerEntry extends Note {
  /** Whether the vector that came with it is its text's own. */
  isRightVector: boolean
}

/** Where an entry comes from. */
export interface LedgerPlace {
  /** The name that the pipeline runs under. */
  pipeline: string
  shardId: number
  sequences: readonly bigint[]
  worker: string
}

export interface WindowCount {
  key: string
  startsAt: Date
  count: number
}

/**
 * The tables that sinks and the final count write: plain ones, so that nothing but the pipeline keeps repeats out. What
 * sinks do not write into the ledger, copies, files and events, is read back at the end and entered then.
 */
export async function createLedgerTables(pool: Pool): Promise<void> {
  await pool.query(`
    create schema chaos;
    create table chaos.ledger (
      pipeline text, key text, number bigint, shard_id int, seq bigint, worker text, place bigint,
      at timestamptz default clock_timestamp());
    create table chaos.last_seen (
      pipeline text, key text, number bigint not null, primary key (pipeline, key));
    create table chaos.violation (
      pipeline text, kind text, key text, number bigint, last_number bigint, shard_id int, seq bigint,
      worker text, at timestamptz default clock_timestamp());
    create table chaos.window_count (
      key text, starts_at timestamptz, shard_id int, count bigint, worker text,
      at timestamptz default clock_timestamp());
    create table chaos.mended (at timestamptz default clock_timestamp());
    create table chaos.acked (key text primary key, last_number bigint not null);
    create table chaos.attempt (key text, number bigint, attempts int);
    create table chaos.stored (
      stream text, key text, number bigint, shard_id int, seq bigint, poison text)`)
}

/** Whether poison is taken by now. */
export async function isMended(client: Pick<PoolClient, 'query'>): Promise<boolean> {
  const { rowCount } = await client.query('select from chaos.mended')
  return rowCount !== 0
}

/**
 * Writes a batch into the ledger, and what is wrong with it: a number below the last one of its key, which the same
 * transaction reads, locks and moves on, and a vector of another text. The same number again is the appender's: it puts a
 * record again whose first put had no answer. Poison comes late, redriven out of its order.
 */
export async function writeLedger(
  client: PoolClient,
  entries: readonly LedgerEntry[],
  place: LedgerPlace,
): Promise<void> {
  const keys = [...new Set(entries.map(({ key }) => key))]
  const { rows } = await client.query<{ key: string; number: string }>(
    `select key, number
       from chaos.last_seen
      where pipeline = $2
        and key = any($1)
      order by key
        for update`,
    [keys, place.pipeline],
  )
  const last = new Map(rows.map(({ key, number }) => [key, Number(number)]))
  const wrong: { kind: string; entry: LedgerEntry; lastNumber: number; sequence: bigint }[] = []
  for (const [index, entry] of entries.entries()) {
    const lastNumber = last.get(entry.key) ?? 0
    const sequence = place.sequences[index] ?? 0n
    if (entry.number < lastNumber && poisonOf(entry) === null)
      wrong.push({ kind: 'order', entry, lastNumber, sequence })
    if (!entry.isRightVector) wrong.push({ kind: 'vector', entry, lastNumber, sequence })
    last.set(entry.key, Math.max(lastNumber, entry.number))
  }
  await client.query(
    `insert into chaos.ledger (pipeline, key, number, shard_id, seq, worker)
     select $6, key, number, $4, seq, $5
       from unnest($1::text[], $2::bigint[], $3::bigint[]) as entry (key, number, seq)`,
    [
      entries.map(({ key }) => key),
      entries.map(({ number }) => number),
      place.sequences.map(String),
      place.shardId,
      place.worker,
      place.pipeline,
    ],
  )
  await client.query(
    `insert into chaos.last_seen (pipeline, key, number)
     select $3, key, number
       from unnest($1::text[], $2::bigint[]) as seen (key, number)
         on conflict (pipeline, key) do update set number = excluded.number`,
    [[...last.keys()], [...last.values()], place.pipeline],
  )
  if (wrong.length === 0) return
  await client.query(
    `insert into chaos.violation (pipeline, kind, key, number, last_number, shard_id, seq, worker)
     select $8, kind, key, number, last_number, $6, seq, $7
       from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
              as wrong (kind, key, number, last_number, seq)`,
    [
      wrong.map(({ kind }) => kind),
      wrong.map(({ entry }) => entry.key),
      wrong.map(({ entry }) => entry.number),
      wrong.map(({ lastNumber }) => lastNumber),
      wrong.map(({ sequence }) => String(sequence)),
      place.shardId,
      place.worker,
      place.pipeline,
    ],
  )
}

/** Writes the counts of windows that have closed. */
export async function writeWindows(
  client: PoolClient,
  windows: readonly WindowCount[],
  place: Pick<LedgerPlace, 'shardId' | 'worker'>,
): Promise<void> {
  await client.query(
    `insert into chaos.window_count (key, starts_at, shard_id, count, worker)
     select key, starts_at, $4, count, $5
       from unnest($1::text[], $2::timestamptz[], $3::bigint[]) as closed (key, starts_at, count)`,
    [
      windows.map(({ key }) => key),
      windows.map(({ startsAt }) => startsAt.toISOString()),
      windows.map(({ count }) => count),
      place.shardId,
      place.worker,
    ],
  )
}

import type { Pool, PoolClient } from 'pg'

/** What a record of the stream says. */
export interface Note {
  key: string
  /** Counts up within the key, from 1, without a gap. */
  number: number
  text: string
}

/** A note as the ledger's pipeline has it at its end. */
export interface LedgerEntry extends Note {
  /** Whether the vector that came with it is its text's own. */
  isRightVector: boolean
}

/** Where an entry comes from. */
export interface LedgerPlace {
  shardId: number
  sequences: readonly bigint[]
  worker: string
}

export interface WindowCount {
  key: string
  startsAt: Date
  count: number
}

/** The tables that sinks and the final count write: plain ones, so that nothing but the pipeline keeps repeats out. */
export async function createLedgerTables(pool: Pool): Promise<void> {
  await pool.query(`
    create schema chaos;
    create table chaos.ledger (
      key text, number bigint, shard_id int, seq bigint, worker text,
      at timestamptz default clock_timestamp());
    create table chaos.last_seen (key text primary key, number bigint not null);
    create table chaos.violation (
      kind text, key text, number bigint, last_number bigint, shard_id int, seq bigint, worker text,
      at timestamptz default clock_timestamp());
    create table chaos.window_count (
      key text, starts_at timestamptz, shard_id int, count bigint, worker text,
      at timestamptz default clock_timestamp());
    create table chaos.acked (key text primary key, last_number bigint not null);
    create table chaos.attempt (key text, number bigint, attempts int);
    create table chaos.stored (key text, number bigint, shard_id int, seq bigint)`)
}

/**
 * Writes a batch into the ledger, and what is wrong with it: a number below the last one of its key, which the same
 * transaction reads, locks and moves on, and a vector of another text. The same number again is the appender's: it puts a
 * record again whose first put had no answer.
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
      where key = any($1)
      order by key
        for update`,
    [keys],
  )
  const last = new Map(rows.map(({ key, number }) => [key, Number(number)]))
  const wrong: { kind: string; entry: LedgerEntry; lastNumber: number; sequence: bigint }[] = []
  for (const [index, entry] of entries.entries()) {
    const lastNumber = last.get(entry.key) ?? 0
    const sequence = place.sequences[index] ?? 0n
    if (entry.number < lastNumber) wrong.push({ kind: 'order', entry, lastNumber, sequence })
    if (!entry.isRightVector) wrong.push({ kind: 'vector', entry, lastNumber, sequence })
    last.set(entry.key, Math.max(lastNumber, entry.number))
  }
  await client.query(
    `insert into chaos.ledger (key, number, shard_id, seq, worker)
     select key, number, $4, seq, $5
       from unnest($1::text[], $2::bigint[], $3::bigint[]) as entry (key, number, seq)`,
    [
      entries.map(({ key }) => key),
      entries.map(({ number }) => number),
      place.sequences.map(String),
      place.shardId,
      place.worker,
    ],
  )
  await client.query(
    `insert into chaos.last_seen (key, number)
     select key, number
       from unnest($1::text[], $2::bigint[]) as seen (key, number)
         on conflict (key) do update set number = excluded.number`,
    [[...last.keys()], [...last.values()]],
  )
  if (wrong.length === 0) return
  await client.query(
    `insert into chaos.violation (kind, key, number, last_number, shard_id, seq, worker)
     select kind, key, number, last_number, $6, seq, $7
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
    ],
  )
}

/** Writes the counts of windows that have closed. */
export async function writeWindows(
  client: PoolClient,
  windows: readonly WindowCount[],
  place: Omit<LedgerPlace, 'sequences'>,
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

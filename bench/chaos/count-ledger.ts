import type { Pool } from 'pg'
import { describeStream } from '../../src/log/describe-stream.ts'
import { readRecords } from '../../src/log/read-records.ts'
import type { Appended } from './appender.ts'
import type { Note } from './ledger-tables.ts'

/** What became of the records. Those after `processed` are 0 in a run without a fault. */
export interface LedgerCount {
  acked: number
  /** What the stream holds at the end, read from its beginning. */
  stored: number
  /** Records that it holds twice, each with a put that had no answer and came again. */
  storedTwice: number
  /** Rows of the ledger. */
  processed: number
  /** Acknowledged and not in the stream. */
  lostByLog: number
  /** In the stream more often than they were put. */
  invented: number
  /** In the stream and not in the ledger, or acknowledged and not in it. */
  lost: number
  /** In the ledger more than once, by shard and sequence number. */
  repeated: number
  /** In the ledger and not in the stream. */
  foreign: number
  /** Committed after a later record of their key. */
  outOfOrder: number
  /** Came with another text's vector, or without one. */
  wrongVectors: number
  /** Keys whose windows do not add up to what the stream holds. */
  wrongWindows: number
  deadLetters: number
}

/** Reads the stream from its beginning, beside what was acknowledged, and counts by both what became of the records. */
export async function countLedger(
  pool: Pool,
  stream: string,
  appended: Pick<Appended, 'acked' | 'attempts'>,
): Promise<LedgerCount> {
  await pool.query('truncate chaos.acked, chaos.attempt, chaos.stored')
  await pool.query(
    `insert into chaos.acked (key, last_number)
     select * from unnest($1::text[], $2::bigint[])`,
    [[...appended.acked.keys()], [...appended.acked.values()]],
  )
  await pool.query(
    `insert into chaos.attempt (key, number, attempts)
     select * from unnest($1::text[], $2::bigint[], $3::int[])`,
    [
      appended.attempts.map(({ key }) => key),
      appended.attempts.map(({ number }) => number),
      appended.attempts.map(({ attempts }) => attempts),
    ],
  )
  const { shards } = await describeStream({ pool }, stream)
  for (const { id } of shards) await copyShard(pool, id)
  await pool.query('analyze chaos.stored, chaos.ledger')
  const { rows } = await pool.query<Record<keyof LedgerCount, string>>(`
    with put as (
      select key, number, count(*) as times from chaos.stored group by key, number),
    acked as (
      select key, number from chaos.acked, generate_series(1, last_number) as number),
    noted as (
      select shard_id, seq, key, number, count(*) as times from chaos.ledger group by 1, 2, 3, 4)
    select (select count(*) from acked) as "acked",
           (select count(*) from chaos.stored) as "stored",
           (select coalesce(sum(times - 1), 0) from put) as "storedTwice",
           (select count(*) from chaos.ledger) as "processed",
           (select count(*) from acked left join put using (key, number)
             where put.key is null) as "lostByLog",
           (select coalesce(sum(greatest(times - coalesce(attempts, 1), 0)), 0)
              from put left join chaos.attempt using (key, number)) as "invented",
           (select count(*) from chaos.stored left join noted using (shard_id, seq, key, number)
             where noted.seq is null)
           + (select count(*) from acked left join (select distinct key, number from chaos.ledger) as l
                                          using (key, number)
                                     left join put using (key, number)
               where l.key is null and put.key is null) as "lost",
           (select coalesce(sum(times - 1), 0) from noted) as "repeated",
           (select count(*) from noted left join chaos.stored using (shard_id, seq, key, number)
             where stored.seq is null) as "foreign",
           (select count(*) from chaos.violation where kind = 'order') as "outOfOrder",
           (select count(*) from chaos.violation where kind = 'vector') as "wrongVectors",
           (select count(*)
              from (select key, count(*) as records from chaos.stored group by key) as s
              full join (select key, sum(count) as records from chaos.window_count group by key) as w
                  using (key)
             where s.records is distinct from w.records) as "wrongWindows",
           (select count(*) from millrace.dead_letter) as "deadLetters"`)
  const counts = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)])
  return Object.fromEntries(counts) as LedgerCount
}

async function copyShard(pool: Pool, shardId: number): Promise<void> {
  for (let from = 0n; ; ) {
    const { records, next } = await readRecords({ pool }, { shardId, from })
    if (records.length === 0) return
    from = next
    const notes = records.map(({ data }) => JSON.parse(data.toString()) as Note)
    await pool.query(
      `insert into chaos.stored (key, number, shard_id, seq)
       select key, number, $4, seq
         from unnest($1::text[], $2::bigint[], $3::bigint[]) as note (key, number, seq)`,
      [
        notes.map(({ key }) => key),
        notes.map(({ number }) => number),
        records.map(({ sequence }) => String(sequence)),
        shardId,
      ],
    )
  }
}

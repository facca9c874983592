import type { Pool } from 'pg'

/** What became of a stream's records in one pipeline. All but `processed` are 0 in a run without a fault. */
export interface Tally {
  pipeline: string
  /** Rows, copies, lines of files, events. */
  processed: number
  /** In the stream, and nothing was made of it. */
  lost: number
  /** Something was made of it more than once, by shard and sequence number. */
  repeated: number
  /** Made of nothing that the stream holds. */
  foreign: number
  /** Committed after a later record of their key; null where nothing has an order. */
  outOfOrder: number | null
}

/** Counts what the ledger says of a pipeline beside what the stream holds that it follows. */
export async function tallyOf(
  pool: Pool,
  pipeline: string,
  stream: string,
  order: 'by commit' | 'by place' | 'none',
): Promise<Tally> {
  const { rows } = await pool.query<Record<'processed' | 'lost' | 'repeated' | 'foreign', string>>(
    `with noted as (
       select shard_id, seq, key, number, count(*) as times
         from chaos.ledger
        where pipeline = $1
        group by 1, 2, 3, 4),
     held as (
       select shard_id, seq, key, number from chaos.stored where stream = $2)
     select (select coalesce(sum(times), 0) from noted) as "processed",
            (select count(*) from held left join noted using (shard_id, seq, key, number)
              where times is null) as "lost",
            (select coalesce(sum(times - 1), 0) from noted) as "repeated",
            (select count(*) from noted left join held using (shard_id, seq, key, number)
              where held.seq is null) as "foreign"`,
    [pipeline, stream],
  )
  const { processed, lost, repeated, foreign } = rows[0] ?? {}
  return {
    pipeline,
    processed: Number(processed),
    lost: Number(lost),
    repeated: Number(repeated),
    foreign: Number(foreign),
    outOfOrder: order === 'none' ? null : await countOutOfOrder(pool, pipeline, order),
  }
}

async function countOutOfOrder(
  pool: Pool,
  pipeline: string,
  order: 'by commit' | 'by place',
): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    order === 'by commit'
      ? `select count(*) from chaos.violation where kind = 'order' and pipeline = $1`
      : `select count(*)
           from (select number, max(number) over (partition by key order by place
                                                  rows between unbounded preceding and 1 preceding) as before
                   from chaos.ledger
                  where pipeline = $1) as entry
          where number < before`,
    [pipeline],
  )
  return Number(rows[0]?.count)
}

import type { Pool } from 'pg'
import type { Appended } from '../appender.ts'

/** What became of the records in the stream itself. The last two are 0 in a run without a fault. */
export interface LogCount {
  acked: number
  /** What the stream holds at the end, read from its beginning. */
  stored: number
  /** Records that it holds twice, each with a put that had no answer and came again. */
  storedTwice: number
  /** Acknowledged and not in the stream. */
  lostByLog: number
  /** In the stream more often than they were put. */
  invented: number
}

/** Compares chaos.stored with what was acknowledged, and how often it was put. */
export async function countLog(
  pool: Pool,
  stream: string,
  appended: Pick<Appended, 'acked' | 'attempts'>,
): Promise<LogCount> {
  const { acked, attempts } = appended
  await pool.query(
    `insert into chaos.acked (key, last_number)
     select * from unnest($1::text[], $2::bigint[])`,
    [[...acked.keys()], [...acked.values()]],
  )
  await pool.query(
    `insert into chaos.attempt (key, number, attempts)
     select * from unnest($1::text[], $2::bigint[], $3::int[])`,
    [
      attempts.map(({ key }) => key),
      attempts.map(({ number }) => number),
      attempts.map((attempt) => attempt.attempts),
    ],
  )
  const { rows } = await pool.query<Record<keyof LogCount, string>>(
    `with put as (
       select key, number, count(*) as times
         from chaos.stored
        where stream = $1
        group by key, number),
     acked as (
       select key, number from chaos.acked, generate_series(1, last_number) as number)
     select (select count(*) from acked) as "acked",
            (select coalesce(sum(times), 0) from put) as "stored",
            (select coalesce(sum(times - 1), 0) from put) as "storedTwice",
            (select count(*) from acked left join put using (key, number)
              where times is null) as "lostByLog",
            (select coalesce(sum(greatest(times - coalesce(attempts, 1), 0)), 0)
               from put left join chaos.attempt using (key, number)) as "invented"`,
    [stream],
  )
  const counts = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)])
  return Object.fromEntries(counts) as LogCount
}

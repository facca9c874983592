import type { Pool } from 'pg'

/** The dead letters of a pipeline that gives up poison, beside the poison that the stream holds. */
export interface LetterCount {
  pipeline: string
  letters: number
  /** Poison that is no letter, and poison that was processed before it was mended. */
  missing: number
  early: number
  /** Letters of other records, and letters that are there more than once. */
  others: number
  twice: number
}

/** Counts the letters of `pipeline`, before they are redriven. */
export async function countLetters(
  pool: Pool,
  pipeline: string,
  stream: string,
): Promise<LetterCount> {
  const { rows } = await pool.query<Record<Exclude<keyof LetterCount, 'pipeline'>, string>>(
    `with poison as (
       select shard_id, seq from chaos.stored where stream = $2 and poison is not null),
     letter as (
       select shard_id, seq, count(*) as times
         from millrace.dead_letter
        where pipeline = $1
        group by 1, 2)
     select (select coalesce(sum(times), 0) from letter) as "letters",
            (select count(*) from poison left join letter using (shard_id, seq)
              where times is null) as "missing",
            (select count(*) from poison join chaos.ledger using (shard_id, seq)
              where pipeline = $1) as "early",
            (select count(*) from letter left join poison using (shard_id, seq)
              where poison.seq is null) as "others",
            (select coalesce(sum(times - 1), 0) from letter) as "twice"`,
    [pipeline, stream],
  )
  const counts = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)])
  return { pipeline, ...(Object.fromEntries(counts) as Omit<LetterCount, 'pipeline'>) }
}

/** Letters that no poison explains: of any other pipeline, or left when all were redriven. */
export async function countLettersBut(pool: Pool, pipelines: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    'select count(*) from millrace.dead_letter where pipeline <> all($1::text[])',
    [pipelines],
  )
  return Number(rows[0]?.count)
}

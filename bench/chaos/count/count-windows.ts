import type { Pool } from 'pg'

/** How many keys have windows that do not add up to what the stream holds. */
export async function countWrongWindows(pool: Pool, stream: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select count(*)
       from (select key, count(*) as records from chaos.stored where stream = $1 group by key) as held
       full join (select key, sum(count) as records from chaos.window_count group by key) as counted
           using (key)
      where held.records is distinct from counted.records`,
    [stream],
  )
  return Number(rows[0]?.count)
}

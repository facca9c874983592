import type { Pool } from 'pg'

/** The database's clock. */
export async function databaseNow(pool: Pool): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select now()')
  return rows[0]?.now ?? new Date()
}

import type { Pool } from 'pg'

/** The services that events came from, by name. */
export async function listServices(deps: { pool: Pool }): Promise<string[]> {
  const { rows } = await deps.pool.query<{ service: string }>(
    `select distinct service
       from millrace.pattern
      where service <> ''
      order by service`,
  )
  return rows.map((row) => row.service)
}

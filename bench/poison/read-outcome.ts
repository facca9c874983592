import type { Pool } from 'pg'
import { listDeadLetters } from '../../src/pipeline/operations/list-dead-letters.ts'
import { ledger } from './poison-pipeline.ts'

/** What has come out of a pipeline so far. */
export async function readOutcome(deps: { pool: Pool }, pipeline: string) {
  const { deadLetters } = await listDeadLetters(deps, { pipeline })
  const { rows } = await deps.pool.query<{ written: number; distinct: number; unordered: number }>(
    `select count(*)::int as written,
            count(distinct n)::int as distinct,
            (count(*) filter (where seq <= before))::int as unordered
       from (select n, seq, lag(seq) over (order by at) as before
               from ${ledger}
              where pipeline = $1) as line`,
    [pipeline],
  )
  const { rows: letters } = await deps.pool.query<{ n: number }>(
    `select (convert_from(data, 'UTF8')::json->>'n')::int as n
       from millrace.dead_letter
      where pipeline = $1
      order by seq`,
    [pipeline],
  )
  const { written = 0, distinct = 0, unordered = 0 } = rows[0] ?? {}
  return {
    written,
    repeated: written - distinct,
    /** Lines that stand behind one of a higher number. */
    unordered,
    deadLetters,
    /** The numbers of the records in them, whole as they were appended. */
    deadNumbers: letters.map(({ n }) => n),
    /** An error that quotes what a record holds. */
    quoted: deadLetters.filter(({ error }) => error.includes('payload-')).length,
  }
}

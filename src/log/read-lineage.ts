import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import type { ChildShard } from './find-children.ts'
import { streamNotFound } from './stream-not-found.ts'

/** A shard's place among all that its stream ever had. */
export interface LineageShard extends ChildShard {
  /** Open, or closed inside the retention: it can hold records that are returned. */
  isKept: boolean
}

/**
 * Every shard that a stream ever had, by number: whoever follows it has to get past generations whose records are all
 * expired. Fails with `not_found` when the stream was deleted.
 */
export async function readLineage(
  deps: { pool: Pool },
  stream: { id: number; name: string },
): Promise<LineageShard[]> {
  const { rows } = await deps.pool
    .query<Omit<LineageShard, 'hashStart' | 'hashEnd'> & Record<'hashStart' | 'hashEnd', string>>(
      `select sh.id, sh.number, sh.parents, sh.hash_start as "hashStart", sh.hash_end as "hashEnd",
              sh.state = 'open' or sh.closed_seq >= millrace.horizon(st) as "isKept"
         from millrace.stream st
         join millrace.shard sh on sh.stream_id = st.id
        where st.id = $1
        order by sh.number`,
      [stream.id],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, `following stream "${stream.name}"`)
    })
  if (rows.length === 0) throw streamNotFound(stream.name)
  return rows.map((row) => ({
    ...row,
    hashStart: BigInt(row.hashStart),
    hashEnd: BigInt(row.hashEnd),
  }))
}

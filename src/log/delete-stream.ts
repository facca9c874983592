import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { transaction } from '../db/transaction.ts'

/**
 * Deletes a stream with its records, the events made of them and the pipelines' places in it. Patterns stay: other
 * streams share them. Fails with `not_found`.
 *
 * Writes: event, checkpoint, dead_letter, segment, shard, stream. DDL: drops the shards' tables.
 * Locks: the stream's shard rows first, so appends in flight end before and later ones find no shard;
 *        then AccessExclusive on millrace.frame, for the moment of the drop.
 * Order: one transaction, so a crash leaves the stream whole.
 */
export async function deleteStream(deps: { pool: Pool }, name: string): Promise<void> {
  await transaction(deps.pool, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `select sh.id
         from millrace.shard sh
         join millrace.stream st on st.id = sh.stream_id
        where st.name = $1
        order by sh.id
          for update of sh`,
      [name],
    )
    if (rows.length === 0)
      throw new MillraceError('not_found', `stream "${name}" does not exist`, {
        details: { stream: name },
      })
    const ids = rows.map((row) => row.id)
    for (const table of ['event', 'checkpoint', 'dead_letter', 'segment'])
      await client.query(`delete from millrace.${table} where shard_id = any($1::int[])`, [ids])
    for (const id of ids) await client.query(`drop table millrace.frame_s${id}`)
    await client.query('delete from millrace.shard where id = any($1::int[])', [ids])
    await client.query('delete from millrace.stream where name = $1', [name])
  })
}

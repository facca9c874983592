import type { Pool } from 'pg'
import { transaction } from '../db/transaction.ts'

interface ExpiredSegment {
  shardId: number
  table: string
  isAttached: boolean
  isPending: boolean
}

/**
 * Drops the segments whose every record is older than its stream's retention; returns how many. Records that old are
 * never returned anyway: this frees their disk, a table at a time.
 *
 * Reads: segment, pg_inherits. DDL: detach concurrently, which neither readers nor writers feel (it waits for those that
 * were there before it, without holding them up), then drop, of a table that nobody's plan contains any more.
 * Locks: for the drop the shard's row, so no append is between reading the catalogue and reading the leaf. A reader that
 * is finds the leaf gone and reads the catalogue again.
 * Order: attached -> detach pending -> detached -> gone with its catalogue row. A crash in between leaves one of these
 * states, and the next run goes on from it; an interrupted detach is finished first, since it blocks all others of its
 * shard.
 */
export async function retireSegments(deps: { pool: Pool }): Promise<number> {
  const expired = await findExpired(deps.pool)
  for (const { shardId, table, isAttached, isPending } of expired) {
    const alter = `alter table millrace.frame_s${shardId} detach partition millrace."${table}"`
    if (isPending) await deps.pool.query(`${alter} finalize`)
    else if (isAttached) await deps.pool.query(`${alter} concurrently`)
    await transaction(deps.pool, async (client) => {
      await client.query(`set local lock_timeout = '500ms'`)
      await client.query('select from millrace.shard where id = $1 for no key update', [shardId])
      await client.query('delete from millrace.segment where shard_id = $1 and table_name = $2', [
        shardId,
        table,
      ])
      await client.query(`drop table millrace."${table}"`)
    })
  }
  return expired.length
}

async function findExpired(pool: Pool): Promise<ExpiredSegment[]> {
  const { rows } = await pool.query<ExpiredSegment>(
    `select se.shard_id as "shardId",
            se.table_name as "table",
            i.inhrelid is not null as "isAttached",
            coalesce(i.inhdetachpending, false) as "isPending"
       from millrace.segment se
       join millrace.shard sh on sh.id = se.shard_id
       join millrace.stream st on st.id = sh.stream_id
       left join pg_inherits i on i.inhrelid = to_regclass('millrace.' || quote_ident(se.table_name))
      where se.end_seq <= millrace.seq_at(now() - make_interval(hours => st.retention_hours))
      order by coalesce(i.inhdetachpending, false) desc, se.shard_id, se.start_seq`,
  )
  return rows
}

import type { Pool } from 'pg'
import { detachPartition } from '../db/detach-partition.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'

/**
 * Drops the segments whose every record is behind its stream's horizon, and those that closed shards never used; returns
 * how many. Such records are never returned anyway: this frees their disk, a table at a time. A closed shard that has no
 * segment left loses its own table too; its row stays, since children and citations name it.
 *
 * Reads: segment, shard. DDL: detach (db/detach-partition.ts), then drop, of a table that nobody's plan contains any more.
 * Writes: segment; stream.trim_seq, so that the horizon stays behind what is gone even if the clock is set back.
 * Locks: for the drop the stream's row, then the shard's, so no append is between reading the catalogue and reading the
 * leaf. A reader that is finds the leaf gone and reads the catalogue again.
 * Order: attached -> detach pending -> detached -> gone with its catalogue row. A crash in between leaves one of these
 * states, and the next run goes on from it. A shard that others hold, or whose old readers do not end, is left to the next run.
 */
export async function retireSegments(deps: { pool: Pool }): Promise<number> {
  let retired = 0
  const busy = new Set<number>()
  try {
    for (const segment of await findRetirable(deps.pool)) {
      const { shardId, table } = segment
      if (busy.has(shardId)) continue
      const isOut = await detachPartition(deps, { parent: `frame_s${shardId}`, table })
      if (isOut && (await isDropped(deps, segment))) retired += 1
      else busy.add(shardId)
    }
    for (const shardId of await findEmptyTables(deps.pool)) {
      const table = `frame_s${shardId}`
      if (await detachPartition(deps, { parent: 'frame', table }))
        await isDropped(deps, { shardId, table })
    }
    return retired
  } catch (error) {
    throw toMillraceError(error, 'retiring segments')
  }
}

/** Drops one table; false when somebody holds its shard or reads it. */
async function isDropped(
  deps: { pool: Pool },
  segment: { shardId: number; table: string; trimSeq?: string | null },
): Promise<boolean> {
  try {
    await dropSegments(deps, segment.shardId, [segment.table], segment.trimSeq ?? undefined)
    return true
  } catch (error) {
    if (toMillraceError(error, '').code === 'conflict') return false
    throw error
  }
}

/** Drops tables of a shard's segments with their catalogue rows; what is below `trimSeq` stays hidden, whatever the clock does. */
export async function dropSegments(
  deps: { pool: Pool },
  shardId: number,
  tables: readonly string[],
  trimSeq?: string,
): Promise<void> {
  await transaction(deps.pool, async (client) => {
    await client.query(`set local lock_timeout = '500ms'`)
    if (trimSeq !== undefined)
      await client.query(
        `update millrace.stream
            set trim_seq = $2
          where id = (select stream_id from millrace.shard where id = $1)
            and trim_seq < $2`,
        [shardId, trimSeq],
      )
    await client.query('select from millrace.shard where id = $1 for no key update', [shardId])
    await client.query(
      'delete from millrace.segment where shard_id = $1 and table_name = any($2::text[])',
      [shardId, tables],
    )
    for (const table of tables)
      await client.query(`drop table if exists millrace.${client.escapeIdentifier(table)}`)
  })
}

interface Retirable {
  shardId: number
  table: string
  /** The end of an expired segment; null for one that was never used. */
  trimSeq: string | null
}

async function findRetirable(pool: Pool): Promise<Retirable[]> {
  const { rows } = await pool.query<Retirable>(
    `select se.shard_id as "shardId", se.table_name as table,
            case when se.end_seq <= millrace.horizon(st) then se.end_seq end as "trimSeq"
       from millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       join millrace.segment se on se.shard_id = sh.id
      where se.end_seq <= millrace.horizon(st)
         or (sh.state = 'closed' and not se.used)
      order by se.shard_id, se.start_seq`,
  )
  return rows
}

async function findEmptyTables(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `select sh.id
       from millrace.shard sh
      where sh.state = 'closed'
        and not exists (select from millrace.segment se where se.shard_id = sh.id)
        and to_regclass('millrace.frame_s' || sh.id) is not null
      order by sh.id`,
  )
  return rows.map((row) => row.id)
}

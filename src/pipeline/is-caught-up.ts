import type { Pool } from 'pg'

/** True when none of these pipelines has a record left to work, in the shards they know, or a window that is open. */
export async function isCaughtUp(
  deps: { pool: Pool },
  pipelines: readonly string[],
): Promise<boolean> {
  const { rows } = await deps.pool.query<{ isCaughtUp: boolean }>(
    `select not exists (
              select
                from millrace.checkpoint c
                join millrace.shard sh on sh.id = c.shard_id
                join millrace.stream st on st.id = sh.stream_id
               where c.pipeline = any($1::text[])
                 and millrace.last_seq(c.shard_id) > greatest(c.seq, millrace.horizon(st) - 1))
        and not exists (select from millrace.window_state where pipeline = any($1::text[])) as "isCaughtUp"`,
    [pipelines],
  )
  return rows[0]?.isCaughtUp ?? false
}

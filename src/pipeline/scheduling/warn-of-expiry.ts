import type { Pool } from 'pg'
import type { Logger } from '../../base/logger.ts'

/** Said when less than this part of the retention is left. */
const leftShare = 0.25

/**
 * Announces backlogs that retention will reach: pipelines whose oldest unread record has less than a quarter of its
 * stream's retention left. A pipeline that is paused, or that no worker runs, is announced as well.
 *
 * Reads: checkpoint, stream, one frame a shard that is behind. Every minute, by one worker.
 */
export async function warnOfExpiry(deps: { pool: Pool; logger: Logger }): Promise<void> {
  const { rows } = await deps.pool.query<{
    pipeline: string
    stream: string
    shard: number
    expiresInMs: number
    lastError: string | null
  }>(
    `select pipeline, stream, shard, "lastError", round(left_ms)::float8 as "expiresInMs"
       from (select c.pipeline, st.name as stream, sh.number as shard, c.last_error as "lastError",
                    st.retention_hours * 3600000.0 as retention_ms,
                    (((millrace.next_seq(c.shard_id, c.seq) - millrace.horizon(st)) >> 22)) as left_ms
               from millrace.checkpoint c
               join millrace.shard sh on sh.id = c.shard_id
               join millrace.stream st on st.id = sh.stream_id) as behind
      where left_ms < retention_ms * $1
      order by left_ms
      limit 100`,
    [leftShare],
  )
  for (const { expiresInMs, ...backlog } of rows)
    deps.logger.warn({ ...backlog, expiresInMs }, 'backlog.expiring')
}

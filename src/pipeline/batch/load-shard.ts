import type { Pool } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { ancestorsAreDone } from '../scheduling/find-work.ts'
import type { Lease } from '../scheduling/lease.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import type { ShardState } from './shard-state.ts'
import type { OpenWindow } from './tumbling-window.ts'

/** Where a leased shard is, and whether its ancestors are done; said aloud when retention has taken records of it that were not processed. */
export async function findPlace(
  deps: { pool: Pool; logger: Logger },
  lease: Lease,
): Promise<Pick<ShardState, 'stream' | 'shard'> & { isReady: boolean }> {
  const { rows } = await deps.pool.query<{
    stream: string
    shard: number
    expired: string
    isReady: boolean
  }>(
    `select st.name as stream,
            sh.number as shard,
            case when $2::bigint > 0 and $2::bigint + 1 < millrace.horizon(st)
                 then millrace.records_after(sh.id, $2::bigint)
                      - millrace.records_after(sh.id, millrace.horizon(st) - 1)
                 else 0
            end as expired,
            ${ancestorsAreDone} as "isReady"
       from millrace.checkpoint c
       join millrace.shard sh on sh.id = c.shard_id
       join millrace.stream st on st.id = sh.stream_id
      where c.shard_id = $1
        and c.pipeline = $3`,
    [lease.shardId, String(lease.seq), lease.pipeline],
  )
  const place = rows[0]
  if (!place) throw new MillraceError('not_found', `shard ${lease.shardId} was deleted`)
  const { expired, ...where } = place
  if (expired !== '0')
    deps.logger.error({ ...where, after: String(lease.seq), expired }, 'records.expired')
  return where
}

/** What a shard's last owner left behind: the windows that are open. */
export async function loadShard(
  deps: { pool: Pool },
  pipeline: OpenPipeline,
  lease: Lease,
): Promise<Pick<ShardState, 'windows' | 'usage'>> {
  const windows = new Map<number, OpenWindow>()
  const usage = { requests: 0, tokens: 0 }
  if (pipeline.segments.length === 1) return { windows, usage }
  const { rows } = await deps.pool.query<{
    step: number
    start: Date
    end: Date
    state: OpenWindow['entries']
  }>(
    `select step, starts_at as start, ends_at as end, state
       from millrace.window_state
      where pipeline = $1
        and shard_id = $2`,
    [lease.pipeline, lease.shardId],
  )
  for (const row of rows)
    windows.set(row.step, {
      start: row.start.getTime(),
      end: row.end.getTime(),
      entries: row.state,
    })
  return { windows, usage }
}

import type { Pool } from 'pg'
import { backoffMs } from '../../base/backoff.ts'
import type { Logger } from '../../base/logger.ts'
import { transaction } from '../../db/transaction.ts'
import type { Lease } from '../scheduling/lease.ts'
import { noteFailure } from './end-or-failure.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import { runUnit } from './run-unit.ts'
import type { ShardState, WorkOptions, WorkOutcome } from './shard-state.ts'

/**
 * Closes the windows of a shard that was read to its end: all of them when that is the shard's end for good, else those
 * whose time is over. `again` when records came meanwhile: they are read first, since they may belong to the window.
 */
export async function closeWindows(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  options: WorkOptions & { isEnd: boolean },
): Promise<WorkOutcome | 'again'> {
  if (state.windows.size === 0) return 'done'
  let closeUntil = Number.POSITIVE_INFINITY
  if (!options.isEnd) {
    const now = Date.now() + state.clockOffsetMs
    if (![...state.windows.values()].some((window) => window.end <= now)) return 'done'
    const settled = await settledUntil(deps, state.lease)
    if (settled === null) return 'again'
    closeUntil = settled
  }
  const result = await runUnit(deps, pipeline, state, { records: [], closeUntil }, options)
  if (result.kind === 'end') return result.outcome
  if (result.kind === 'committed') return 'done'
  const { error } = result
  deps.logger.warn({ code: error.code, error: error.message }, 'window.waits')
  const retryMs = backoffMs(1, { baseMs: 4_000 })
  await noteFailure(deps, state, error, { retryMs, blamed: false, failedTo: null })
  return 'failed'
}

/**
 * The moment (ms) before which a shard will never have another record, when all it has is processed; else null.
 *
 * Locks: the shard's row, for share, for a moment: appends under way hold it for update, so it waits for their commit;
 * a later one reads its clock afterwards (millrace.append_frame), so its numbers are of this moment or later.
 */
async function settledUntil(deps: { pool: Pool }, lease: Lease): Promise<number | null> {
  return transaction(
    deps.pool,
    async (client) => {
      await client.query('select from millrace.shard where id = $1 for share', [lease.shardId])
      const { rows } = await client.query<{ now: Date; isRead: boolean }>(
        `select clock_timestamp() as now, coalesce(millrace.last_seq($1), 0) <= $2 as "isRead"`,
        [lease.shardId, String(lease.seq)],
      )
      const row = rows[0]
      return row?.isRead ? row.now.getTime() : null
    },
    { statementTimeoutMs: 5_000 },
  )
}

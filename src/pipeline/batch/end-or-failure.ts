import type { Pool } from 'pg'
import { backoffMs } from '../../base/backoff.ts'
import type { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { openBreaker } from '../scheduling/breaker.ts'
import { recordFailure } from '../scheduling/checkpoint.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import type { UnitResult } from './run-unit.ts'
import { rangeOf, type ShardState, type WorkOptions } from './shard-state.ts'
import { markBehindWindow, toUnitError } from './step-error.ts'

/** Errors of the log's own database: it would not take a breaker's row either, so only the shard waits. */
const ownDatabase = ['database_unavailable', 'conflict', 'throughput_exceeded']

/** How long a shard waits that is not to blame: one to two seconds. */
const shardWaitMs = () => backoffMs(1, { baseMs: 2_000 })

/**
 * How long a shard waits whose outage has opened the breaker for `waitMs`: a little longer, so that another one probes.
 * One that meets the outage again where others have come through may be the only one that does, for what its records ask
 * for: it comes back after four times as long, up to a minute, and the others have that time.
 */
function openerWaitMs(waitMs: number, isAlone: boolean): number {
  return Math.max(waitMs + shardWaitMs(), isAlone ? Math.min(4 * waitMs, 60_000) : 0)
}

/**
 * What a unit's error means. An outage of the steps' world opens the breaker; one of the database, or of what is behind
 * a window, is this shard's wait: either ends the turn and uses up no attempt. Anything else is the records' own.
 */
export async function endOrFailure(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  at: {
    error: unknown
    /** The sink whose write threw; empty when it was none. */
    sink: string
    records: readonly LogRecord[]
    /** What the sink was given. */
    values: readonly unknown[]
  },
  options: WorkOptions,
): Promise<UnitResult> {
  if (options.signal.aborted) return { kind: 'end', outcome: 'stopped' }
  const { stream, shard } = state
  const place = { pipeline: pipeline.name, sink: at.sink, stream, shard }
  const own = toUnitError(at.error, place, at.records, at.values)
  const isBehindWindow = at.sink !== '' && pipeline.segments.length > 1
  const error = isBehindWindow ? markBehindWindow(own) : own
  if (!error.retryable && error.details.behindWindow !== true) return { kind: 'failed', error }
  const about = { ...rangeOf(at.records), code: error.code, error: error.message }
  if (error.retryable && !ownDatabase.includes(error.code)) {
    const asked = Number(error.details.retryAfterMs ?? 0)
    const waitMs = await openBreaker(deps, pipeline.name, {
      reason: error.message,
      askedMs: Number.isFinite(asked) ? asked : null,
      isProbe: options.isProbe,
    })
    if (waitMs !== null)
      deps.logger.warn({ ...about, waitMs: Math.round(waitMs) }, 'breaker.opened')
    const isAlone = state.lease.hasWaited && !options.isProbe
    const retryMs = waitMs === null ? 0 : openerWaitMs(waitMs, isAlone)
    await noteFailure(deps, state, error, { retryMs, blamed: false, failedTo: null })
  } else {
    const retryMs = shardWaitMs()
    deps.logger.warn({ ...about, retryMs }, 'batch.waits')
    await noteFailure(deps, state, error, { retryMs, blamed: false, failedTo: null })
  }
  return { kind: 'end', outcome: 'failed' }
}

/** Writes down why the unit after the checkpoint waits, and what its steps have used. */
export async function noteFailure(
  deps: { pool: Pool },
  state: Pick<ShardState, 'lease' | 'usage' | 'retryMs'>,
  error: MillraceError,
  options: { retryMs: number; blamed: boolean; failedTo: bigint | null },
): Promise<void> {
  await recordFailure(deps, state.lease, {
    ...options,
    error: error.message,
    embedRequests: state.usage.requests,
    embedTokens: state.usage.tokens,
  })
  state.usage = { requests: 0, tokens: 0 }
  state.retryMs = options.retryMs
}

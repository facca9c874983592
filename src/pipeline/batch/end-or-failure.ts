import type { Pool } from 'pg'
import { backoffMs } from '../../base/backoff.ts'
import type { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { openBreaker } from '../scheduling/breaker.ts'
import { recordFailure } from '../scheduling/checkpoint.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import type { UnitResult } from './run-unit.ts'
import { contextOf, rangeOf, type ShardState, type WorkOptions } from './shard-state.ts'
import { markBehindWindow, toStepError } from './step-error.ts'

/** Errors of the log's own database: it would not take a breaker's row either, so only the shard waits. */
const ownDatabase = ['database_unavailable', 'conflict', 'throughput_exceeded']

/** How long a shard waits that is not to blame: one to two seconds. */
const shardWaitMs = () => backoffMs(1, { baseMs: 2_000 })

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
  const error = asMillraceError(pipeline, state, at, options)
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
    await noteFailure(deps, state, error, { retryMs: 0, blamed: false, failedTo: null })
  } else {
    const retryMs = shardWaitMs()
    deps.logger.warn({ ...about, retryMs }, 'batch.waits')
    await noteFailure(deps, state, error, { retryMs, blamed: false, failedTo: null })
  }
  return { kind: 'end', outcome: 'failed' }
}

function asMillraceError(
  pipeline: OpenPipeline,
  state: ShardState,
  at: { error: unknown; sink: string; records: readonly LogRecord[]; values: readonly unknown[] },
  options: WorkOptions,
): MillraceError {
  if (at.sink === '') return toMillraceError(at.error, `pipeline "${pipeline.name}"`)
  const place = { ...contextOf(pipeline, state, options.signal), step: at.sink }
  const error = toStepError(at.error, place, at.records, at.values)
  return pipeline.segments.length > 1 ? markBehindWindow(error) : error
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

import type { Pool } from 'pg'
import { backoffMs } from '../../base/backoff.ts'
import type { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { noProgress } from '../scheduling/checkpoint.ts'
import { callStep } from './call-step.ts'
import { commitUnit } from './commit-unit.ts'
import type { Letter } from './dead-letter.ts'
import { noteFailure } from './end-or-failure.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import {
  contextOf,
  rangeOf,
  type ShardState,
  settle,
  type WorkOptions,
  type WorkOutcome,
} from './shard-state.ts'
import { toStepError } from './step-error.ts'
import { tellSinks } from './tell-sinks.ts'
import { writeMs } from './write-all.ts'

/** Counts an attempt of records that failed alone: they wait for the next one, or are given up. */
export async function blame(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  failed: { records: readonly LogRecord[]; error: MillraceError },
  options: WorkOptions,
): Promise<WorkOutcome> {
  const { records, error } = failed
  const { attempts, backoffMs: baseMs } = pipeline.options.retry
  const attempt = state.lease.failures + 1
  if (attempt >= attempts)
    return giveUp(
      deps,
      pipeline,
      state,
      {
        records,
        letter: {
          condition: 'retries_exhausted',
          step: typeof error.details.step === 'string' ? error.details.step : null,
          error: error.message,
          attempts: attempt,
        },
      },
      options,
    )
  const retryMs = baseMs === 0 ? 0 : backoffMs(attempt, { baseMs, capMs: 30_000 })
  deps.logger.warn(
    { ...rangeOf(records), code: error.code, error: error.message, attempt, retryMs },
    'batch.failed',
  )
  await noteFailure(deps, state, error, {
    retryMs,
    blamed: true,
    failedTo: records.at(-1)?.sequence ?? null,
  })
  return 'failed'
}

/** Passes records by, with what is kept of them, in one commit. */
export async function giveUp(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  given: { records: readonly LogRecord[]; letter: Omit<Letter, 'pipeline' | 'stream' | 'shard'> },
  options: WorkOptions,
): Promise<WorkOutcome> {
  const { records, letter } = given
  const { name, open } = pipeline.failures
  // What a filter would have left out was not given up.
  const wanted = pipeline.matches ? records.filter(pipeline.matches) : records
  const context = { ...contextOf(pipeline, state, options.signal), records: wanted }
  try {
    const place = { pipeline: pipeline.name, stream: state.stream, shard: state.shard }
    const write = await callStep({ name, options: { timeoutMs: writeMs } }, context, (limited) =>
      open.prepare(
        wanted.map(() => ({ ...place, ...letter })),
        limited,
      ),
    )
    const seq = records.at(-1)?.sequence ?? state.lease.seq
    const progress = {
      ...noProgress,
      seq,
      records: records.length,
      filtered: records.length - wanted.length,
      dead: wanted.length,
      embedRequests: state.usage.requests,
      embedTokens: state.usage.tokens,
    }
    const writes = wanted.length > 0 ? [{ sink: name, write }] : []
    const unit = { progress, windows: [], writes }
    const { outcome } = await commitUnit(deps, state.lease, unit, options)
    if (outcome !== 'committed') return 'lost'
    settle(state, seq, [])
    await tellSinks(deps, [pipeline.failures], state)
    if (wanted.length === 0) return 'done'
    deps.logger.error(
      { ...rangeOf(wanted), records: wanted.length, ...letter },
      letter.condition === 'too_old' ? 'record.too_old' : 'record.dead',
    )
    return 'done'
  } catch (error) {
    if (options.signal.aborted) return 'stopped'
    const failure = toStepError(error, { ...context, step: name }, records)
    deps.logger.error(
      { ...rangeOf(records), code: failure.code, error: failure.message },
      'record.not_given_up',
    )
    const retryMs = backoffMs(1, { baseMs: 4_000 })
    await noteFailure(deps, state, failure, { retryMs, blamed: false, failedTo: null })
    return 'failed'
  }
}

/** Gives up what is older than the pipeline allows; returns the rest, or how the turn ended. */
export async function giveUpOld(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  records: readonly LogRecord[],
  options: WorkOptions,
): Promise<{ fresh: readonly LogRecord[]; outcome: WorkOutcome }> {
  const { maxAgeMs } = pipeline.options.retry
  if (maxAgeMs === undefined) return { fresh: records, outcome: 'done' }
  const oldest = Date.now() + state.clockOffsetMs - maxAgeMs
  const at = records.findIndex((record) => record.arrivedAt.getTime() >= oldest)
  if (at === 0) return { fresh: records, outcome: 'done' }
  const letter = {
    condition: 'too_old' as const,
    step: null,
    error: `older than retry.maxAgeMs (${maxAgeMs} ms) of pipeline "${pipeline.name}"`,
    attempts: state.lease.failures,
  }
  const old = at === -1 ? records : records.slice(0, at)
  const outcome = await giveUp(deps, pipeline, state, { records: old, letter }, options)
  return { fresh: at === -1 ? [] : records.slice(at), outcome }
}

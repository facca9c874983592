import type { Pool } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { noProgress } from '../scheduling/checkpoint.ts'
import { type CommitResult, commitUnit } from './commit-unit.ts'
import { endOrFailure } from './end-or-failure.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import { type PreparedUnit, prepareUnit, type Unit } from './prepare-unit.ts'
import {
  contextOf,
  type ShardState,
  settle,
  type WorkOptions,
  type WorkOutcome,
} from './shard-state.ts'
import { markBehindWindow, toStepError } from './step-error.ts'
import { tellSinks } from './tell-sinks.ts'

export type UnitResult =
  | { kind: 'committed' }
  /** Everything before the record that a step named is committed. */
  | { kind: 'cut'; error: MillraceError }
  /** Nothing is committed, and the records are to blame. */
  | { kind: 'failed'; error: MillraceError }
  /** Nothing is committed, and this turn is over. */
  | { kind: 'end'; outcome: WorkOutcome }

/** Prepares and commits a unit, of records or of windows that are over. */
export async function runUnit(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  unit: Unit,
  options: WorkOptions,
): Promise<UnitResult> {
  let sink = ''
  let prepared: PreparedUnit | undefined
  let result: CommitResult
  let seq = state.lease.seq
  try {
    const context = contextOf(pipeline, state, options.signal, unit.records)
    prepared = await prepareUnit(pipeline, unit, state.windows, context)
    const { cut } = prepared
    const last = prepared.records.at(-1)
    // A unit whose first record was named has nothing to commit, not even the windows that it leaves as they were.
    if (cut && !last) return { kind: 'cut', error: cut.error }
    if (!last && prepared.windows.length === 0) return { kind: 'committed' }
    seq = last?.sequence ?? seq
    const progress = {
      ...noProgress,
      seq,
      records: prepared.records.length,
      filtered: prepared.filtered,
      redacted: prepared.redacted,
      embedRequests: state.usage.requests,
      embedTokens: state.usage.tokens,
    }
    const onSink = (name: string) => {
      sink = name
    }
    result = await commitUnit(deps, state.lease, { ...prepared, progress }, { ...options, onSink })
  } catch (error) {
    const values = prepared?.writes.find((write) => write.sink === sink)?.items.values
    const at = { error, sink, records: unit.records, values: values ?? [] }
    return endOrFailure(deps, pipeline, state, at, options)
  }
  if (result.outcome === 'lost') return { kind: 'end', outcome: 'lost' }
  if (result.outcome === 'partial') {
    const { sink: name } = result
    const written = prepared.writes.find((write) => write.sink === name)
    return cutBySink(deps, pipeline, state, { unit, result, written }, options)
  }
  // Whatever fails from here on, the unit is committed.
  settle(state, seq, prepared.windows)
  await tellSinks(deps, pipeline.sinks, state)
  await options.onCommitted(prepared.records.length)
  return prepared.cut ? { kind: 'cut', error: prepared.cut.error } : { kind: 'committed' }
}

/** A sink named records as failed and nothing is written: what is before them is a unit of its own. */
async function cutBySink(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  at: {
    unit: Unit
    result: Extract<CommitResult, { outcome: 'partial' }>
    written: PreparedUnit['writes'][number] | undefined
  },
  options: WorkOptions,
): Promise<UnitResult> {
  const { unit, result } = at
  const { failed, reason, cause } = result.failure
  const known = new Set(at.written?.items.records.map((record) => record.sequence))
  const isKnown = failed.length > 0 && failed.every((sequence) => known.has(sequence))
  const lowest = failed.reduce((a, b) => (b < a ? b : a), failed[0] ?? 0n)
  const isBehindWindow = pipeline.segments.length > 1
  const of = (records: readonly LogRecord[]) =>
    toStepError(
      isKnown
        ? (cause ?? new MillraceError('step_failed', reason))
        : new MillraceError(
            'step_failed',
            'it names no record of its batch as failed; name those of context.records',
          ),
      { ...contextOf(pipeline, state, options.signal), step: result.sink },
      records,
      at.written?.items.values,
    )
  if (!isKnown || isBehindWindow) {
    const error = isBehindWindow ? markBehindWindow(of(unit.records)) : of(unit.records)
    return endOrFailure(
      deps,
      pipeline,
      state,
      { error, sink: '', records: unit.records, values: [] },
      options,
    )
  }
  const good = unit.records.filter((record) => record.sequence < lowest)
  if (good.length > 0) {
    const before = await runUnit(deps, pipeline, state, { records: good }, options)
    if (before.kind !== 'committed') return before
  }
  return { kind: 'cut', error: of(unit.records.filter((record) => record.sequence === lowest)) }
}

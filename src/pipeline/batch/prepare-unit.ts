import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { Write } from '../sink.ts'
import type { WindowStep } from '../step.ts'
import { callStep } from './call-step.ts'
import type { OpenPipeline, OpenSegment } from './open-pipeline.ts'
import { createRedactionTally } from './redaction-tally.ts'
import { type CallContext, type Items, runSteps } from './run-steps.ts'
import { markBehindWindow, toStepError } from './step-error.ts'
import { foldWindow, type OpenWindow } from './tumbling-window.ts'

/** Records of one shard that go through the steps and commit together. */
export interface Unit {
  records: readonly LogRecord[]
  /** Windows that end then (ms) or before are closed though no record says so; Infinity at the shard's end. */
  closeUntil?: number
}

/** What a window step's state becomes with the commit. */
export interface WindowChange {
  step: number
  before: OpenWindow | null
  after: OpenWindow | null
  state: string | null
}

export interface PreparedUnit {
  /** The records that it covers: all of the unit, or those before the one that a step named as failed. */
  records: readonly LogRecord[]
  filtered: number
  /** What was taken out of the records, by rule. */
  redacted: Record<string, number>
  writes: { sink: string; items: Items; write: Write }[]
  windows: WindowChange[]
  cut: { sequence: bigint; error: MillraceError } | null
}

/**
 * Runs the steps of a unit and the slow part of its sinks, outside any transaction; what it returns is to be committed.
 * It changes nothing itself: run again, it gives the same (as far as the steps do).
 */
export async function prepareUnit(
  pipeline: OpenPipeline,
  unit: Unit,
  windows: ReadonlyMap<number, OpenWindow>,
  callContext: CallContext,
): Promise<PreparedUnit> {
  const { options } = pipeline
  const tally = createRedactionTally()
  const context: CallContext = { ...callContext, countRedactions: tally.add }
  // A step that wrote to a record would move the checkpoint with it.
  for (const record of unit.records) Object.freeze(record)
  const matching = pipeline.matches ? unit.records.filter(pipeline.matches) : unit.records
  const [first, ...behind] = pipeline.segments
  const input: Items = { values: matching, records: matching }
  const { cut, ...start } = await runSteps(first.steps, input, context, {
    lanes: options.parallelization,
    callRecords: options.batch.records,
  })
  const records = cut ? unit.records.filter((r) => r.sequence < cut.sequence) : unit.records
  const changes: WindowChange[] = []
  let items: Items = start
  for (const segment of behind) {
    if (!segment.window) continue
    items = fold(segment.window, items, changes)
    items = await runBehind(segment, items)
  }
  const writes: PreparedUnit['writes'] = []
  if (items.values.length > 0)
    for (const { name, open } of pipeline.sinks) {
      const { values } = items
      const own = { ...context, records: items.records }
      try {
        const write = await callStep({ name, options: sinkOptions }, own, (limited) =>
          open.prepare(values as never[], limited),
        )
        writes.push({ sink: name, items, write })
      } catch (error) {
        throw failed(error, name, items)
      }
    }
  return {
    records,
    filtered:
      records.length === unit.records.length
        ? unit.records.length - matching.length
        : countFiltered(),
    redacted: tally.sumOf(records),
    writes,
    windows: changes,
    cut,
  }

  function countFiltered(): number {
    const kept = new Set(matching)
    return records.filter((record) => !kept.has(record)).length
  }

  function fold(
    window: { step: WindowStep<never, unknown>; index: number },
    into: Items,
    to: WindowChange[],
  ) {
    const before = windows.get(window.index) ?? null
    const last = records.at(-1)
    const until = Math.max(
      unit.closeUntil ?? Number.NEGATIVE_INFINITY,
      last ? pipeline.timeOf(last) : Number.NEGATIVE_INFINITY,
    )
    try {
      const folded = foldWindow(window.step, before, into, until)
      if (before || folded.window)
        to.push({ step: window.index, before, after: folded.window, state: folded.state })
      return folded.results
    } catch (error) {
      // What it was folding came from records, so this one is a record's.
      throw toStepError(error, { ...context, step: window.step.name }, unit.records)
    }
  }

  async function runBehind(segment: OpenSegment, into: Items): Promise<Items> {
    const result = await runSteps(segment.steps, into, context, {
      lanes: 1,
      callRecords: options.batch.records,
    }).catch((error: unknown) => {
      throw markBehindWindow(error)
    })
    if (result.cut) throw markBehindWindow(result.cut.error)
    return result
  }

  function failed(error: unknown, step: string, of: Items): unknown {
    if (context.signal.aborted) return new MillraceError('aborted', 'the call was stopped')
    const failure = toStepError(error, { ...context, step }, of.records, of.values)
    return pipeline.segments.length > 1 ? markBehindWindow(failure) : failure
  }
}

const sinkOptions = { timeoutMs: 120_000 }

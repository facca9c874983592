import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { PartialFailure, type Step, type StepContext, type StepRun } from '../step.ts'
import { callStep } from './call-step.ts'
import { laneOf } from './lane-of.ts'
import { toStepError } from './step-error.ts'

/** Values on their way, each beside the record it comes from. */
export interface Items {
  values: readonly unknown[]
  records: readonly LogRecord[]
}

/** A step that is bound to its resources. */
export interface OpenStep {
  step: Pick<Step<never, unknown>, 'name' | 'shape' | 'options'>
  run: StepRun<unknown, unknown>
}

/** What has come out, and the first record, if any, that a step named as failed: nothing from it on is there. */
export interface StepsResult extends Items {
  cut: { sequence: bigint; error: MillraceError } | null
}

export type CallContext = Omit<StepContext, 'records'>

/**
 * Sends a unit's records through steps, in up to `lanes` calls at a time. A partition key belongs to one lane, a lane's
 * calls come one after the other, and results stand in the records' order: so the order of each key is kept.
 *
 * Fails with the error of the step (see step-error.ts) when a call fails without naming records; then nothing came out.
 */
export async function runSteps(
  steps: readonly OpenStep[],
  input: Items,
  context: CallContext,
  options: { lanes: number; callRecords: number },
): Promise<StepsResult> {
  if (steps.length === 0 || input.values.length === 0) return { ...input, cut: null }
  const lanes = options.lanes === 1 ? [input] : splitByKey(input, options.lanes)
  const results = await Promise.allSettled(
    lanes.map((lane) => runLane(steps, lane, context, options.callRecords)),
  )
  const done: StepsResult[] = []
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason
    done.push(result.value)
  }
  return done.length === 1 && done[0] ? done[0] : join(done)
}

function splitByKey(input: Items, lanes: number): Items[] {
  const split = Array.from({ length: lanes }, () => ({
    values: [] as unknown[],
    records: [] as LogRecord[],
  }))
  for (const [index, record] of input.records.entries()) {
    const lane = split[laneOf(record.partitionKey, lanes)]
    lane?.values.push(input.values[index])
    lane?.records.push(record)
  }
  return split.filter((lane) => lane.values.length > 0)
}

async function runLane(
  steps: readonly OpenStep[],
  input: Items,
  context: CallContext,
  callRecords: number,
): Promise<StepsResult> {
  const parts: StepsResult[] = []
  for (let at = 0; at < input.values.length; at += callRecords) {
    const part = await runChain(
      steps,
      {
        values: input.values.slice(at, at + callRecords),
        records: input.records.slice(at, at + callRecords),
      },
      context,
    )
    parts.push(part)
    if (part.cut) break
  }
  if (parts.length === 1 && parts[0]) return parts[0]
  return {
    values: parts.flatMap((part) => part.values),
    records: parts.flatMap((part) => part.records),
    cut: parts.at(-1)?.cut ?? null,
  }
}

async function runChain(
  steps: readonly OpenStep[],
  input: Items,
  context: CallContext,
): Promise<StepsResult> {
  let result: StepsResult = { ...input, cut: null }
  for (const step of steps) {
    if (result.values.length === 0) break
    const next = await runStep(step, result, context)
    // A later step works on what is before the cut, so its own cut is the lower one.
    result = { ...next, cut: next.cut ?? result.cut }
  }
  return result
}

async function runStep(
  { step, run }: OpenStep,
  input: Items,
  context: CallContext,
): Promise<StepsResult> {
  // What a step takes out of this list would be lost with no word of it.
  const records = Object.freeze(input.records)
  const fail = (error: unknown, of: readonly LogRecord[]) =>
    toStepError(error, { ...context, step: step.name }, of, input.values)
  try {
    const returned: unknown = await callStep(step, { ...context, records }, (own) =>
      run(input.values, own),
    )
    const failure = failureOf(returned)
    const cut = failure ? lowestOf(failure, records) : null
    const keep = cut === null ? records.length : records.findIndex((r) => r.sequence >= cut)
    // Without values beside it a failure says only where the good prefix ends.
    if (failure && cut !== null && returned === failure && keep > 0) {
      const prefix = { values: input.values.slice(0, keep), records: records.slice(0, keep) }
      const again = await runStep({ step, run }, prefix, context)
      return { ...again, cut: again.cut ?? cutAt(cut, failure, records, fail) }
    }
    const results = keep === 0 ? [] : resultsOf(returned, step.shape, records.length, keep)
    return {
      ...shape(step.shape, input, results, keep),
      cut: failure && cut !== null ? cutAt(cut, failure, records, fail) : null,
    }
  } catch (error) {
    if (context.signal.aborted) throw new MillraceError('aborted', 'the call was stopped')
    throw fail(error, records)
  }
}

function failureOf(returned: unknown): PartialFailure | null {
  if (returned instanceof PartialFailure) return returned
  const failure = (returned as { failure?: unknown } | null | undefined)?.failure
  return failure instanceof PartialFailure ? failure : null
}

/** The lowest failed number; what names none, or a record that is not of the call, failed as a whole. */
function lowestOf(failure: PartialFailure, records: readonly LogRecord[]): bigint {
  const known = new Set(records.map((record) => record.sequence))
  let lowest: bigint | undefined
  for (const sequence of failure.failed) {
    if (!known.has(sequence))
      throw new MillraceError(
        'step_failed',
        `it names ${typeof sequence === 'bigint' ? sequence : typeName(sequence)} as failed, which is no sequence number of its batch; name those of context.records, as bigint`,
      )
    if (lowest === undefined || sequence < lowest) lowest = sequence
  }
  if (lowest === undefined)
    throw new MillraceError(
      'step_failed',
      'it returned a PartialFailure that names no record; name one or return the results',
    )
  return lowest
}

function cutAt(
  sequence: bigint,
  failure: PartialFailure,
  records: readonly LogRecord[],
  fail: (error: unknown, records: readonly LogRecord[]) => MillraceError,
): StepsResult['cut'] {
  const named = records.filter((record) => record.sequence === sequence).slice(0, 1)
  const reason = failure.cause ?? new MillraceError('step_failed', failure.reason)
  return { sequence, error: fail(reason, named) }
}

/** The results of a call, checked: as many as values (before a failed record at least), of the shape's type. */
function resultsOf(
  returned: unknown,
  shape: Step<never, unknown>['shape'],
  count: number,
  keep: number,
): readonly unknown[] {
  const results: unknown = Array.isArray(returned)
    ? returned
    : (returned as { values?: unknown } | null | undefined)?.values
  if (!Array.isArray(results))
    throw new MillraceError(
      'step_failed',
      `expected it to return an array of ${count} results, one a value, got ${typeName(returned)}`,
    )
  if (keep === count ? results.length !== count : results.length < keep)
    throw new MillraceError(
      'step_failed',
      `expected it to return ${keep === count ? count : `at least ${keep}`} results, one a value and in their order, got ${results.length}`,
    )
  const isRight = (result: unknown) =>
    shape === 'each'
      ? !(result instanceof Promise)
      : shape === 'keep'
        ? typeof result === 'boolean'
        : Array.isArray(result)
  const wrong = results.slice(0, keep).findIndex((result) => !isRight(result))
  if (wrong >= 0)
    throw new MillraceError(
      'step_failed',
      `expected each result to be ${resultNames[shape]}, got ${typeName(results[wrong])} in place ${wrong}`,
    )
  return results
}

const resultNames = {
  each: 'a value (await them all: Promise.all)',
  keep: 'true or false',
  spread: 'an array',
} as const

function shape(
  kind: Step<never, unknown>['shape'],
  input: Items,
  results: readonly unknown[],
  keep: number,
): Items {
  if (kind === 'each')
    return keep === input.records.length
      ? { values: results, records: input.records }
      : { values: results.slice(0, keep), records: input.records.slice(0, keep) }
  const values: unknown[] = []
  const records: LogRecord[] = []
  for (let index = 0; index < keep; index += 1) {
    const record = input.records[index]
    if (!record) continue
    const made =
      kind === 'keep'
        ? results[index]
          ? [input.values[index]]
          : []
        : (results[index] as unknown[])
    for (const value of made) {
      values.push(value)
      records.push(record)
    }
  }
  return { values, records }
}

/** Results of several lanes in the order of their records, up to the lowest cut. */
function join(lanes: readonly StepsResult[]): StepsResult {
  let cut: StepsResult['cut'] = null
  for (const lane of lanes)
    if (lane.cut && (cut === null || lane.cut.sequence < cut.sequence)) cut = lane.cut
  const pairs: { value: unknown; record: LogRecord }[] = []
  for (const lane of lanes)
    for (const [index, record] of lane.records.entries())
      if (cut === null || record.sequence < cut.sequence)
        pairs.push({ value: lane.values[index], record })
  // Stable, and one record's results are all of one lane.
  pairs.sort((a, b) =>
    a.record.sequence < b.record.sequence ? -1 : a.record.sequence > b.record.sequence ? 1 : 0,
  )
  return {
    values: pairs.map((pair) => pair.value),
    records: pairs.map((pair) => pair.record),
    cut,
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Promise) return 'a promise'
  if (value === undefined) return 'undefined'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

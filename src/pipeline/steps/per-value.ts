import { backoffMs, wait } from '../../base/backoff.ts'
import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import {
  PartialFailure,
  type PartialResult,
  type StepContext,
  type StepOptions,
  type StepRun,
} from '../step.ts'

/** A function of one value, and of the record behind it. */
export type ValueFunction<I, R> = (
  value: I,
  record: LogRecord,
  context: StepContext,
) => R | Promise<R>

/**
 * A step's run out of a function of one value. The values are called one after the other, so in their order.
 *
 * The first throw ends the call: the results before it stand, and its record is named as failed, with the error as the
 * cause. `retry` repeats that one value first. A throw after the signal has aborted is the abort's: it fails the call.
 */
export function perValue<I, R>(
  call: ValueFunction<I, R>,
  options: Pick<StepOptions, 'retry'> = {},
): (...args: Parameters<StepRun<I, R>>) => Promise<readonly R[] | PartialResult<R>> {
  const { attempts = 1, backoffMs: baseMs = 200 } = options.retry ?? {}

  const failed = async (value: I, record: LogRecord, context: StepContext, thrown: unknown) => {
    let error = thrown
    for (let attempt = 1; attempt < attempts && !context.signal.aborted; attempt += 1) {
      await wait(backoffMs(attempt, { baseMs }), context.signal)
      if (context.signal.aborted) break
      try {
        return { result: await call(value, record, context) }
      } catch (again) {
        error = again
      }
    }
    if (context.signal.aborted) throw error
    return new PartialFailure([record.sequence], reasonOf(error), { cause: error })
  }

  return async (values, context) => {
    const results: R[] = []
    for (const [index, value] of values.entries()) {
      const record = context.records[index]
      if (!record) throw new MillraceError('internal', 'a value has no record behind it')
      try {
        const made = call(value, record, context)
        // Not awaited when there is nothing to wait for: at 20,000 lines a second each turn of the loop counts.
        results.push(isPromise(made) ? await made : made)
      } catch (error) {
        const outcome = await failed(value, record, context, error)
        if (outcome instanceof PartialFailure) return { values: results, failure: outcome }
        results.push(outcome.result)
      }
      if (context.signal.aborted) throw context.signal.reason
    }
    return results
  }
}

function isPromise<R>(made: R | Promise<R>): made is Promise<R> {
  return made !== null && typeof made === 'object' && 'then' in made
}

/** What kind of error it was. Never its message, which may quote the record. */
function reasonOf(error: unknown): string {
  if (error === null || error === undefined) return `it threw ${error}`
  const name = error instanceof Error ? error.name : `a ${typeof error}`
  return `it threw ${/^[\w ]{1,64}$/.test(name) ? name : 'an error'}`
}

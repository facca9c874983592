import type { Step, StepOptions } from '../step.ts'
import { type NamedArguments, named } from './named.ts'
import { perValue, type ValueFunction } from './per-value.ts'

/**
 * One result for each value; the function may wait. A throw names the value's record as failed: what is before it goes
 * on, it and what follows is tried again. `retry` repeats the one value, not the batch.
 *
 *   .step(map((event) => ({ ...event, team: teamOf(event.service) })))
 *   .step(map('geo', (event, _record, { signal }) => locate(event, signal), { timeoutMs: 10_000 }))
 */
export function map<I, O>(call: ValueFunction<I, O>, options?: StepOptions): Step<I, O>
export function map<I, O>(
  name: string,
  call: ValueFunction<I, O>,
  options?: StepOptions,
): Step<I, O>
export function map<I, O>(...args: NamedArguments<ValueFunction<I, O>>): Step<I, O> {
  const { name, call, options } = named('map', args)
  return { name, shape: 'each', options, open: () => perValue(call, options) }
}

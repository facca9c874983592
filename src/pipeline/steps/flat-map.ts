import type { Step, StepOptions } from '../step.ts'
import { type NamedArguments, named } from './named.ts'
import { perValue, type ValueFunction } from './per-value.ts'

/**
 * Any number of values for each, also none. They stay their record's: when a later step fails for one of them, the whole
 * record is tried again. Fails as `map` does.
 *
 *   .step(flatMap((record) => record.data.toString().split('\n')))
 */
export function flatMap<I, O>(
  call: ValueFunction<I, readonly O[]>,
  options?: StepOptions,
): Step<I, O>
export function flatMap<I, O>(
  name: string,
  call: ValueFunction<I, readonly O[]>,
  options?: StepOptions,
): Step<I, O>
export function flatMap<I, O>(...args: NamedArguments<ValueFunction<I, readonly O[]>>): Step<I, O> {
  const { name, call, options } = named('flatMap', args)
  return { name, shape: 'spread', options, open: () => perValue(call, options) }
}

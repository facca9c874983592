import type { LogRecord } from '../../log/read-records.ts'
import { requireFunction } from '../require-function.ts'
import type { Step, StepOptions } from '../step.ts'
import { perValue, type ValueFunction } from './per-value.ts'

/**
 * Keeps the values that the predicate is true for; a type guard narrows what the next step gets. What is left out counts
 * as done. Fails as `map` does. To leave records out before they are parsed, use the pipeline's `filters`.
 *
 *   .step(filter((event) => event.severity >= 17))
 */
export function filter<T, S extends T>(
  predicate: (value: T, record: LogRecord) => value is S,
  options?: StepOptions,
): Step<T, S>
export function filter<T>(predicate: ValueFunction<T, boolean>, options?: StepOptions): Step<T, T>
export function filter<T>(
  predicate: ValueFunction<T, boolean>,
  options: StepOptions = {},
): Step<T, T> {
  requireFunction(predicate, 'filter', 'filter(keep); a filter takes no name')
  return { name: 'filter', shape: 'keep', options, open: () => perValue(predicate, options) }
}

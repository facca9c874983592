import { requireFunction } from '../require-function.ts'
import type { Step, StepOptions, StepRun } from '../step.ts'

/**
 * A step of your own over a whole batch: `run` returns as many results as it got values, in their order.
 *
 *   .step(step('score', async (events: readonly ParsedEvent[], { signal }) => scoreAll(events, signal)))
 *
 * A throw counts for the batch, which is then halved until the record at fault is alone. To name it at once return a
 * PartialFailure, or a PartialResult whose values before it are good.
 */
export function step<I, O>(
  name: string,
  run: StepRun<I, O>,
  options: StepOptions = {},
): Step<I, O> {
  requireFunction(run, 'step', 'step(NAME, run)')
  return { name, shape: 'each', options, open: () => run }
}

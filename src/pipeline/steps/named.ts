import { requireFunction } from '../require-function.ts'
import type { StepOptions } from '../step.ts'

/** Arguments of a step that may be given a name of its own before its function. */
export type NamedArguments<F> =
  | [call: F, options?: StepOptions | undefined]
  | [name: string, call: F, options?: StepOptions | undefined]

/** The name, given or `fallback`, and what follows it. */
export function named<F>(
  fallback: string,
  args: NamedArguments<F>,
): { name: string; call: F; options: StepOptions } {
  const [name, call, options = {}] = (typeof args[0] === 'string' ? args : [fallback, ...args]) as [
    string,
    F,
    StepOptions?,
  ]
  requireFunction(call, fallback, `${fallback}(fn), or ${fallback}(NAME, fn)`)
  return { name, call, options }
}

import type { LogRecord } from '../log/read-records.ts'
import { type PipelineOptions, parseOptions, type ResolvedOptions } from './pipeline-options.ts'
import type { Sink } from './sink.ts'
import type { Step, WindowStep } from './step.ts'

/** A pipeline as it was defined: data and functions, bound to no database yet. */
export interface Pipeline {
  readonly options: ResolvedOptions
  readonly steps: readonly (Step<never, unknown> | WindowStep<never, unknown>)[]
  readonly sinks: readonly Sink<never>[]
}

export interface PipelineBuilder<T> {
  /** Adds a step: what it yields is the next one's input. */
  step<O>(step: Step<T, O> | WindowStep<T, O>): PipelineBuilder<O>
  /** Ends the definition: the values go to these sinks, all in the batch's one transaction. */
  to(...sinks: Sink<T>[]): Pipeline
}

/**
 * Defines a workflow over a stream. Its steps start from the records.
 *
 *   definePipeline({ name: 'errors', stream: 'logs', batch: { records: 500 } })
 *     .step(parse())
 *     .step(filter((event) => event.severity >= 17))
 *     .to(toTable({ table: 'errors', columns: { at: 'timestamptz', body: 'text' } }))
 *
 * Fails with `invalid_argument`, naming every field that is wrong.
 */
export function definePipeline(options: PipelineOptions): PipelineBuilder<LogRecord> {
  return build(parseOptions(options), [])
}

function build<T>(options: ResolvedOptions, steps: Pipeline['steps']): PipelineBuilder<T> {
  return {
    step: (step) => build(options, [...steps, step as Pipeline['steps'][number]]),
    to: (...sinks) => ({ options, steps, sinks: sinks as Sink<never>[] }),
  }
}

import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import { validate } from '../base/validate.ts'
import type { LogRecord } from '../log/read-records.ts'
import {
  type PipelineOptions,
  parseOptions,
  type ResolvedOptions,
  whole,
} from './pipeline-options.ts'
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
    step: (step) =>
      build(options, [...steps, checked(options.name, 'step', step) as Pipeline['steps'][number]]),
    to: (...sinks) => finish({ options, steps, sinks: sinks as Sink<never>[] }),
  }
}

/** What relates a pipeline's parts to one another. */
function finish(pipeline: Pipeline): Pipeline {
  const { options, steps, sinks } = pipeline
  const refuse = (message: string) => {
    throw new MillraceError('invalid_argument', `pipeline "${options.name}": ${message}`)
  }
  if (sinks.length === 0)
    refuse('expected at least one sink: .to(toTable(...)), or sink(NAME, write) for your own')
  for (const sink of sinks) {
    const { stream } = checked(options.name, 'sink', sink)
    if (stream !== undefined && (options.streams === 'all' || options.streams.includes(stream)))
      refuse(
        `sink "${sink.name}": stream: expected a stream that the pipeline does not follow, got "${stream}": its records would come back for ever`,
      )
  }
  if (steps.filter((step) => step.shape === 'window').length > 1)
    refuse(
      'expected at most one aggregate; put the results of the first into a stream (toStream), and follow that one with the second',
    )
  for (const step of steps)
    if (step.shape === 'window' && step.windowMs < options.batch.windowMs)
      refuse(
        `step "${step.name}": expected its windowMs to be at least batch.windowMs (${options.batch.windowMs}), got ${step.windowMs}: a window would be over before its batch is full`,
      )
  return pipeline
}

const stepOptionsSchema = z.strictObject({
  timeoutMs: whole(1, 3_600_000).optional(),
  retry: z
    .strictObject({
      attempts: whole(1, 10).optional(),
      backoffMs: whole(0, 30_000).optional(),
    })
    .optional(),
})

const shapes: readonly unknown[] = ['each', 'keep', 'spread', 'window']

/** Refuses what is no step or sink where it is written: a call that was forgotten, most often. */
function checked<T>(pipeline: string, what: 'step' | 'sink', value: T): T {
  const { name, shape, open, options } = (value ?? {}) as Record<string, unknown>
  const isStep = typeof value === 'object' && shapes.includes(shape)
  const isSink = typeof value === 'object' && typeof open === 'function' && !isStep
  if (what === 'step' ? !isStep : !isSink) {
    const wrap =
      what === 'step' ? 'map(fn), or step(NAME, fn) over a batch' : 'sink(NAME, fn) for your own'
    const found = isStep ? 'a step' : isSink ? 'a sink' : shown(value)
    const advice = isStep
      ? '; it belongs into .step(...), before .to(...)'
      : isSink
        ? '; it belongs into .to(...)'
        : typeof value === 'function'
          ? `; call it if it makes a ${what}, or wrap it: ${wrap}`
          : ''
    throw new MillraceError(
      'invalid_argument',
      `pipeline "${pipeline}": expected a ${what}, got ${found}${advice}`,
    )
  }
  if (typeof name !== 'string' || name.length < 1 || name.length > 64)
    throw new MillraceError(
      'invalid_argument',
      `pipeline "${pipeline}": expected the name of a ${what} to be 1 to 64 characters, got ${typeof name === 'string' && name !== '' ? name.length : shown(name)}`,
    )
  if (what === 'step' && shape !== 'window')
    validate(
      stepOptionsSchema,
      options === undefined ? {} : options,
      `pipeline "${pipeline}", step "${name}"`,
    )
  return value
}

import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { timeOfSequence } from '../../log/sequence.ts'
import type { Pipeline } from '../define-pipeline.ts'
import { compileFilters } from '../filter/filter-pattern.ts'
import type { ResolvedOptions } from '../pipeline-options.ts'
import { requireFunction } from '../require-function.ts'
import type { OpenSink } from '../sink.ts'
import type { Resources, Step, WindowStep } from '../step.ts'
import { failureSink, type Letter } from './dead-letter.ts'
import type { OpenStep } from './run-steps.ts'

/** Steps between windows. The first segment has no window before it and may run in lanes. */
export interface OpenSegment {
  window: { step: WindowStep<never, unknown>; index: number } | null
  steps: OpenStep[]
}

/** A pipeline that is bound to a database under a name: its own, or a replay's. */
export interface OpenPipeline {
  name: string
  options: ResolvedOptions
  matches: ((record: LogRecord) => boolean) | null
  segments: [OpenSegment, ...OpenSegment[]]
  /** Named differently, also where two sinks are called the same. */
  sinks: { name: string; open: OpenSink<never> }[]
  /** Where records go that are given up. */
  failures: { name: string; open: OpenSink<Letter> }
  timeOf(record: LogRecord): number
}

/** Opens a pipeline's steps and sinks, once a process and name. Fails with the error of the one that cannot be opened. */
export async function openPipeline(
  pipeline: Pipeline,
  resources: Resources,
): Promise<OpenPipeline> {
  const { options } = pipeline
  const segments: OpenPipeline['segments'] = [{ window: null, steps: [] }]
  const opening = async <T>(name: string, open: () => T | Promise<T>): Promise<T> => {
    try {
      return await open()
    } catch (error) {
      const failure = error instanceof MillraceError ? error : undefined
      throw new MillraceError(
        failure?.code ?? 'step_failed',
        `pipeline "${resources.pipeline}", step "${name}" cannot be opened: ${error instanceof Error ? error.message : typeof error}`,
        { retryable: failure?.retryable ?? false, cause: error },
      )
    }
  }
  for (const [index, step] of pipeline.steps.entries()) {
    if (isWindow(step)) {
      segments.push({ window: { step, index }, steps: [] })
      continue
    }
    const run = await opening(step.name, async () => {
      const opened: unknown = await step.open(resources)
      requireFunction(opened, 'open', 'it returns the function that is called with each batch')
      return opened as OpenStep['run']
    })
    segments.at(-1)?.steps.push({
      step: { name: step.name, shape: step.shape, options: step.options ?? {} },
      run,
    })
  }
  const sinks: OpenPipeline['sinks'] = []
  for (const sink of pipeline.sinks) {
    const same = pipeline.sinks.filter((other) => other.name === sink.name)
    const name = same.length > 1 ? `${sink.name} ${same.indexOf(sink) + 1}` : sink.name
    const open = await opening(name, async () => {
      const opened = await sink.open(resources)
      requireFunction(opened?.prepare, 'open', 'it returns { prepare }, which returns the write')
      return opened
    })
    sinks.push({ name, open })
  }
  const failures = failureSink(options.onFailure)
  return {
    name: resources.pipeline,
    options,
    matches: options.filters.length === 0 ? null : compileFilters(options.filters),
    segments,
    sinks,
    failures: {
      name: failures.name,
      open: await opening(failures.name, () => failures.open(resources)),
    },
    timeOf: (record) => timeOfSequence(record.sequence).getTime(),
  }
}

export function isWindow(
  step: Step<never, unknown> | WindowStep<never, unknown>,
): step is WindowStep<never, unknown> {
  return step.shape === 'window'
}

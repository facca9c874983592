import type { LogRecord } from '../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import { sink } from '../../src/pipeline/sink.ts'
import type { StepContext, StepOptions } from '../../src/pipeline/step.ts'
import { step } from '../../src/pipeline/steps/step.ts'

export interface SpyCall {
  /** ms of performance.now; the end is NaN while it runs. */
  began: number
  ended: number
  shardId: number
  numbers: number[]
  records: readonly LogRecord[]
}

export interface Spy {
  pipeline: Pipeline
  calls: SpyCall[]
  /** Numbers of all records that it was given, call by call. */
  numbers(): number[]
  /** The most calls at a time, over all shards. */
  mostAtOnce(): number
}

/** A pipeline of one step that writes down its calls and then does what it is told, and of a sink that keeps nothing. */
export function spyOn(
  options: PipelineOptions,
  act: (call: SpyCall, context: StepContext) => Promise<unknown> | unknown = () => undefined,
  stepOptions: StepOptions = {},
): Spy {
  const calls: SpyCall[] = []
  const pipeline = definePipeline(options)
    .step(
      step(
        'spy',
        async (records: readonly LogRecord[], context) => {
          const call: SpyCall = {
            began: performance.now(),
            ended: Number.NaN,
            shardId: context.shardId,
            numbers: records.map(numberOf),
            records,
          }
          calls.push(call)
          try {
            await act(call, context)
          } finally {
            call.ended = performance.now()
          }
          return records
        },
        stepOptions,
      ),
    )
    .to(sink('nothing', async () => {}))
  return {
    pipeline,
    calls,
    numbers: () => calls.flatMap((call) => call.numbers),
    mostAtOnce: () =>
      calls.reduce((most, { began }) => {
        const running = calls.filter((other) => other.began <= began && !(other.ended <= began))
        return Math.max(most, running.length)
      }, 0),
  }
}

export function numberOf(record: LogRecord): number {
  return (JSON.parse(record.data.toString()) as { n: number }).n
}

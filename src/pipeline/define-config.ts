import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import type { Pipeline } from './define-pipeline.ts'
import { logsPipeline, logsPipelineName } from './logs-pipeline.ts'

/** What `millrace.config.ts` exports as its default. */
export interface MillraceConfig {
  pipelines: readonly Pipeline[]
  /** The built-in logs pipeline, which questions are answered from. Default true; false leaves it out. */
  logs?: boolean
}

const schema = z.strictObject({
  pipelines: z.array(z.unknown()),
  logs: z.boolean().default(true),
})

const pipelineSchema = z.object({
  options: z.object({ name: z.string() }),
  steps: z.array(z.unknown()),
  sinks: z.array(z.unknown()),
})

/** Checks a configuration where it is written. Fails with `invalid_argument`. */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  pipelinesOf(config, 'defineConfig')
  return config
}

/** The pipelines that a configuration runs: its own and, unless it says no or has one of that name, the logs pipeline. */
export function pipelinesOf(config: unknown, subject: string): Pipeline[] {
  const { pipelines, logs } = validate(schema, config, subject)
  const checked = pipelines.map((pipeline, index) => {
    if (pipelineSchema.safeParse(pipeline).success) return pipeline as Pipeline
    const isUnfinished = typeof (pipeline as { to?: unknown } | null | undefined)?.to === 'function'
    throw new MillraceError(
      'invalid_argument',
      `${subject}: pipelines.${index}: ${isUnfinished ? 'expected it to end with .to(SINK), it has no sink yet' : 'expected what definePipeline(...).to(...) returns'}`,
    )
  })
  const names = checked.map((pipeline) => pipeline.options.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new MillraceError(
      'invalid_argument',
      `${subject}: two pipelines are called "${twice}"; rename one`,
    )
  return logs && !names.includes(logsPipelineName) ? [...checked, logsPipeline()] : checked
}

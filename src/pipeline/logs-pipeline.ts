import { definePipeline, type Pipeline } from './define-pipeline.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import { embed } from './steps/embed.ts'
import { index } from './steps/index-events.ts'
import { parse } from './steps/parse.ts'
import { pattern } from './steps/pattern.ts'
import { redact } from './steps/redact.ts'

/** The pipeline's name: its checkpoints are stored under it. */
export const logsPipelineName = 'logs'

/**
 * The built-in pipeline: parse -> redact -> pattern -> embed -> index, over every stream. `options` override its own:
 * fewer streams, smaller batches, another name.
 *
 * What cannot be parsed is kept whole and marked: no step drops a line. Redaction comes before anything is stored,
 * embedded or compared. Patterns and their vectors are committed before the batch: they are the same whoever makes
 * them, so a batch that runs again finds them. The events are the batch's own effect and commit with its checkpoint.
 */
export function logsPipeline(options: Partial<PipelineOptions> = {}): Pipeline {
  return definePipeline({
    name: logsPipelineName,
    ...(options.stream === undefined ? { streams: 'all' } : {}),
    ...options,
  })
    .step(parse())
    .step(redact())
    .step(pattern())
    .step(embed())
    .to(index())
}

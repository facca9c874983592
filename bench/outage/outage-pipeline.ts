import type { LogRecord } from '../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { toTable } from '../../src/pipeline/sinks/to-table.ts'
import { embed } from '../../src/pipeline/steps/embed.ts'
import { map } from '../../src/pipeline/steps/map.ts'
import { isVectorOf } from '../chaos/text-vector.ts'

export const stream = 'outage'
export const pipelineName = 'outage'
/** Without a unique key, so that a record that is written twice shows. */
export const table = 'bench_outage'

interface Line {
  n: number
  text: string
}

/** Every line with its text's vector into a table; its attempts are the default few, and none may be used up. */
export function outagePipeline(): Pipeline {
  return definePipeline({ name: pipelineName, stream, batch: { records: 500 } })
    .step(map('parse', (record: LogRecord) => JSON.parse(record.data.toString()) as Line))
    .step(embed((line) => line.text))
    .step(map('check', ({ n, text, vector }) => ({ n, is_right: isVectorOf(text, vector) })))
    .to(toTable({ table, columns: { n: 'bigint', is_right: 'boolean' } }))
}

/** The record of a line that nobody has seen before. */
export function lineOf(n: number): { partitionKey: string; data: Buffer } {
  const text = `request ${n.toString(36)} of customer ${(n * 7_919) % 100_003} failed after ${n % 977} ms`
  return { partitionKey: `pod-${n % 40}`, data: Buffer.from(JSON.stringify({ n, text })) }
}

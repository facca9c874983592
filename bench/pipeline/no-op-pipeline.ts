import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'

export interface NoOpReport {
  /** Of the first and the last batch, ms since 1970. */
  firstAt: number
  lastAt: number
  /** Records by shard id. */
  shards: Record<string, number>
}

export interface NoOpOptions {
  name: string
  stream: string
  batchRecords: number
}

/** A pipeline that reads and keeps nothing: what is left is the runtime, its leases and its checkpoints. */
export function noOpPipeline({ name, stream, batchRecords }: NoOpOptions) {
  const report: NoOpReport = { firstAt: 0, lastAt: 0, shards: {} }
  const pipeline: Pipeline = definePipeline({
    name,
    stream,
    batch: { records: batchRecords },
  }).to(
    sink('nothing', async (_client, values, { shardId }) => {
      report.firstAt ||= Date.now()
      report.lastAt = Date.now()
      report.shards[shardId] = (report.shards[shardId] ?? 0) + values.length
    }),
  )
  return { pipeline, report }
}

import type { Logger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import type { Producer } from '../../src/log/producer.ts'
import type { Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { readPipelineStatus } from '../../src/pipeline/operations/read-pipeline-status.ts'
import { startWorker, type WorkerOptions } from '../../src/pipeline/worker.ts'
import { waitUntil } from '../pipeline/wait-until.ts'

export interface FillOptions {
  /** Of each record. Default 100. */
  bytes?: number
  /** Different partition keys. Default 20. */
  keys?: number
  /** Fields of a record beside its number `n`. */
  fields?: (n: number) => object
}

/** What the probes work with: one database, and for each of them streams and pipelines of its own. */
export function createRig(deps: Database & { logger: Logger; producer: Producer }) {
  let count = 0

  /** A name that no other probe has. */
  const freshName = (kind = 'knob') => {
    count += 1
    return `${kind}-${count}`
  }

  /** Appends records `{ n }`; returns their sequence numbers, in the order of `n`. */
  const put = async (stream: string, records: number, options: FillOptions = {}) => {
    const { bytes = 100, keys = 20, fields = () => ({}) } = options
    const batch = Array.from({ length: records }, (_, n) => ({
      partitionKey: `key-${n % keys}`,
      data: Buffer.from(JSON.stringify({ n, ...fields(n) }).padEnd(bytes)),
    }))
    const results = await deps.producer.put(stream, batch)
    return results.map((result) => {
      if (!result.ok) throw result.error
      return result.sequence
    })
  }

  /** A new stream with records in it; returns its name. */
  const stream = async (records = 0, options: FillOptions & { shards?: number } = {}) => {
    const name = freshName('stream')
    await createStream(deps, { name, shards: options.shards ?? 1 })
    if (records > 0) await put(name, records, options)
    return name
  }

  /** Quick looks: what a probe waits for are the knobs, not the defaults. */
  const start = (pipeline: Pipeline, options: Partial<WorkerOptions> = {}) =>
    startWorker(deps, { pollMs: 100, lingerMs: 100, ...options, pipelines: [pipeline] })

  const status = (pipeline: Pipeline) => readPipelineStatus(deps, { name: pipeline.options.name })

  /** Runs a worker until the pipeline is past so many records (or the condition holds), and stops it. */
  const run = async (
    pipeline: Pipeline,
    until: number | (() => boolean | Promise<boolean>),
    options: Partial<WorkerOptions> = {},
  ) => {
    await using _worker = await start(pipeline, options)
    const isDone =
      typeof until === 'function'
        ? until
        : async () => (await status(pipeline)).totals.records >= until
    await waitUntil(`pipeline "${pipeline.options.name}" to be done`, isDone)
  }

  return { ...deps, freshName, put, stream, start, status, run }
}

export type KnobRig = ReturnType<typeof createRig>

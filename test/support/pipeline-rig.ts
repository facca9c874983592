import { createLogger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import type { LogRecord } from '../../src/log/read-records.ts'
import { openPipeline } from '../../src/pipeline/batch/open-pipeline.ts'
import { runShard } from '../../src/pipeline/batch/run-shard.ts'
import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import type { LeaseKey } from '../../src/pipeline/scheduling/lease.ts'
import { registerPipeline } from '../../src/pipeline/scheduling/register-pipeline.ts'
import { type Sink, sink } from '../../src/pipeline/sink.ts'
import type { StepContext } from '../../src/pipeline/step.ts'
import { step } from '../../src/pipeline/steps/step.ts'

const logger = createLogger({ level: 'silent' })

/** What a step of a test does; what it returns may be wrong. */
export type Process = (records: readonly LogRecord[], context: StepContext) => unknown

export interface ShardWork {
  pipeline: Pipeline
  key: LeaseKey
}

/** Writes each record to the table that the rig makes: every repetition shows. */
export const toEffect: Sink<LogRecord> = sink('effect', async (client, records, { pipeline }) => {
  await client.query('insert into effect select $1, * from unnest($2::bigint[], $3::text[])', [
    pipeline,
    records.map((record) => String(record.sequence)),
    records.map((record) => record.data.toString()),
  ])
})

export const isPoison = (record: LogRecord) => record.data.toString().startsWith('poison')

/** `r0`, `r1`, ... with `poison N` in some places. */
export const textsOf = (count: number, poison: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) =>
    poison.includes(index) ? `poison ${index}` : `r${index}`,
  )

/** A pipeline over a stream of its own name whose one step is `process`. */
export function pipelineOf(
  name: string,
  process: Process = (records) => records,
  options: Partial<PipelineOptions> = {},
): Pipeline {
  return definePipeline({ name, stream: name, retry: { backoffMs: 0 }, ...options })
    .step(step<LogRecord, LogRecord>('own', process as never))
    .to(toEffect)
}

/** Runs single shards of pipelines against a database, and reads what came of it. */
export function createPipelineRig(db: Database) {
  const rows = async (query: string, values: readonly unknown[]) => {
    const result = await db.pool.query(query, [...values])
    return result.rows
  }
  const open = (pipeline: Pipeline, name: string = pipeline.options.name) =>
    openPipeline(pipeline, {
      ...db,
      logger,
      pipeline: name,
      embedding: async () => {
        throw new Error('no embedder')
      },
    })
  return {
    prepare: () => db.pool.query('create table effect (pipeline text, seq bigint, text text)'),

    /** Appends `texts`, keyed by their length, to a stream of one shard, and registers a pipeline over it. */
    setup: async (
      name: string,
      texts: readonly string[],
      options: Partial<PipelineOptions> = {},
    ): Promise<ShardWork> => {
      await createStream(db, { name })
      await using producer = createProducer({ ...db, logger })
      await producer.put(
        name,
        texts.map((text) => ({ partitionKey: `k${text.length}`, data: Buffer.from(text) })),
      )
      const pipeline = pipelineOf(name, undefined, options)
      await registerPipeline(db, pipeline)
      const { shards } = await describeStream(db, name)
      return { pipeline, key: { pipeline: name, shardId: shards[0]?.id ?? 0 } }
    },

    put: async (name: string, texts: readonly string[]) => {
      await using producer = createProducer({ ...db, logger })
      await producer.put(
        name,
        texts.map((text) => ({ partitionKey: `k${text.length}`, data: Buffer.from(text) })),
      )
    },

    open,

    run: async ({ pipeline, key }: ShardWork, options: { owner?: string; leaseMs?: number } = {}) =>
      runShard({ ...db, logger }, await open(pipeline, key.pipeline), key, {
        owner: 'test',
        signal: new AbortController().signal,
        ...options,
      }),

    effects: async (pipeline: string): Promise<string[]> =>
      (await rows('select text from effect where pipeline = $1 order by seq', [pipeline])).map(
        (row) => row.text,
      ),

    /** Makes a failed batch, and a breaker, due at once. */
    makeDue: async (pipeline: string) => {
      await rows('update millrace.checkpoint set retry_at = null where pipeline = $1', [pipeline])
      await rows('update millrace.pipeline set breaker_until = now() where name = $1', [pipeline])
    },

    deadLetters: (pipeline: string) =>
      rows(
        `select convert_from(data, 'UTF8') as data, error, attempts, condition, step
           from millrace.dead_letter where pipeline = $1 order by seq`,
        [pipeline],
      ),

    checkpoint: async (pipeline: string) =>
      (await rows('select * from millrace.checkpoint where pipeline = $1', [pipeline]))[0],

    breaker: async (pipeline: string) =>
      (
        await rows(
          'select breaker, breaker_failures as failures, breaker_reason as reason from millrace.pipeline where name = $1',
          [pipeline],
        )
      )[0],
  }
}

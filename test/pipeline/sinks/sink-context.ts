import type { Pool } from 'pg'
import { createLogger } from '../../../src/base/logger.ts'
import { transaction } from '../../../src/db/transaction.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import type { OpenSink } from '../../../src/pipeline/sink.ts'
import type { Resources, StepContext } from '../../../src/pipeline/step.ts'

/** What a sink is opened with. */
export function resourcesOf(deps: { pool: Pool }, pipeline = 'p'): Resources {
  return {
    pool: deps.pool,
    logger: createLogger({ level: 'silent' }),
    pipeline,
    embedding: () => Promise.reject(new Error('no sink embeds')),
  }
}

/** Records with numbers from `first` on and a key for each of `data`. */
export function recordsOf(data: readonly (string | Buffer)[], first = 1n): LogRecord[] {
  return data.map((bytes, index) => ({
    sequence: first + BigInt(index),
    partitionKey: `key-${index}`,
    data: Buffer.from(bytes),
    arrivedAt: new Date(Date.UTC(2026, 0, 1) + index * 1_000),
  }))
}

/** A context for as many values as there are records, of shard 0 of stream `in`. */
export function contextOf(
  records: readonly LogRecord[],
  place: Partial<Pick<StepContext, 'stream' | 'shard' | 'shardId' | 'signal'>> = {},
): StepContext {
  return {
    pipeline: 'p',
    stream: 'in',
    shard: 0,
    shardId: 7_000,
    records,
    signal: new AbortController().signal,
    span: null,
    countEmbedding: () => undefined,
    countRedactions: () => undefined,
    ...place,
  }
}

/** A context for values that no record matters for. */
export function contextFor(values: readonly unknown[]): StepContext {
  return contextOf(recordsOf(values.map(() => '')))
}

/** Prepares, writes in a transaction that commits, and says so: what the runtime does with a batch. */
export async function commitBatch<T>(
  deps: { pool: Pool },
  sink: OpenSink<T>,
  values: readonly T[],
  context: StepContext = contextFor(values),
): Promise<void> {
  const write = await sink.prepare(values, context)
  await transaction(deps.pool, write)
  await sink.committed?.(context)
}

/** Prepares and writes, and rolls back: what a crash or another sink's failure does to a batch. */
export async function rollBackBatch<T>(
  deps: { pool: Pool },
  sink: OpenSink<T>,
  values: readonly T[],
  context: StepContext = contextFor(values),
): Promise<void> {
  const write = await sink.prepare(values, context)
  const end = new Error('rolled back')
  await transaction(deps.pool, async (client) => {
    await write(client)
    throw end
  }).catch((error: unknown) => {
    if (error !== end) throw error
  })
}

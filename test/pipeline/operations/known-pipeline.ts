import type { Pool } from 'pg'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { type Lease, takeLease } from '../../../src/pipeline/scheduling/lease.ts'

const logger = createLogger({ level: 'silent' })

/** Puts one record a text into a stream, each with a frame of its own; returns their sequence numbers. */
export async function put(
  deps: { pool: Pool },
  stream: string,
  texts: readonly string[],
): Promise<bigint[]> {
  await using producer = createProducer({ ...deps, logger })
  const numbers: bigint[] = []
  for (const text of texts) {
    const [result] = await producer.put(stream, [{ partitionKey: 'k', data: Buffer.from(text) }])
    if (!result?.ok) throw result?.error ?? new Error('expected a result')
    numbers.push(result.sequence)
  }
  return numbers
}

/** A stream and a pipeline of the same name that follows it, as a worker would have registered it. */
export async function knownPipeline(
  deps: { pool: Pool },
  name: string,
  options: { shards?: number; texts?: readonly string[] } = {},
): Promise<{ numbers: bigint[]; shardIds: number[] }> {
  await createStream(deps, { name, shards: options.shards ?? 1 })
  const numbers = await put(deps, name, options.texts ?? [])
  await deps.pool.query('insert into millrace.pipeline (name, definition) values ($1, $2)', [
    name,
    JSON.stringify({ streams: [name], start: 'TRIM_HORIZON', steps: ['parse'], sinks: ['table'] }),
  ])
  await ensureCheckpoints(deps, { name, streams: [name] })
  const { rows } = await deps.pool.query<{ id: number }>(
    `select sh.id
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where st.name = $1
      order by sh.number`,
    [name],
  )
  return { numbers, shardIds: rows.map((row) => row.id) }
}

/** A worker that is seen now; `agoMs` earlier when that is given. */
export async function worker(
  deps: { pool: Pool },
  id: string,
  pipelines: readonly string[],
  agoMs = 0,
): Promise<void> {
  await deps.pool.query(
    `insert into millrace.worker (id, pipelines, concurrency, seen_at)
     values ($1, $2, 4, clock_timestamp() - make_interval(secs => $3 / 1000.0))`,
    [id, pipelines, agoMs],
  )
}

export async function leaseOf(
  deps: { pool: Pool },
  pipeline: string,
  shardId: number,
): Promise<Lease> {
  const result = await takeLease(deps, { pipeline, shardId }, { owner: 'test', leaseMs: 60_000 })
  if (!result.taken) throw new Error('expected to take the lease')
  return result.lease
}

/** A dead letter of a pipeline; returns its id. */
export async function letter(
  deps: { pool: Pool },
  pipeline: string,
  shardId: number,
  data: string | Buffer,
): Promise<bigint> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `insert into millrace.dead_letter
            (pipeline, shard_id, seq, partition_key, data, error, attempts, step, arrived_at)
     values ($1, $2, 7, 'k', $3, 'it threw Error: no', 3, 'parse', clock_timestamp())
     returning id`,
    [pipeline, shardId, Buffer.from(data)],
  )
  return BigInt(rows[0]?.id ?? 0)
}

import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import { addShardJobs } from '../../src/pipeline/scheduling/shard-jobs.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { step } from '../../src/pipeline/steps/step.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()

beforeAll(async () => {
  await db.pool.query('create table seen (text text)')
})

/** Writes what it reads. */
const copying = definePipeline({ name: 'copying', streams: 'all' }).to(
  sink('seen', async (client, records) => {
    await client.query('insert into seen select * from unnest($1::text[])', [
      records.map((record) => record.data.toString()),
    ])
  }),
)

const countSeen = async () => {
  const { rows } = await db.pool.query(
    'select count(*)::int as all, count(distinct text)::int as different from seen',
  )
  return rows[0]
}

describe('worker', () => {
  it('processes every record once as it arrives, also of streams that are younger than itself', async () => {
    const worker = await startWorker({ ...db, logger }, { pipelines: [copying], pollMs: 200 })
    await using producer = createProducer({ ...db, logger })
    for (const name of ['young', 'younger']) {
      await createStream(db, { name, shards: 2 })
      for (let round = 0; round < 20; round += 1)
        await producer.put(
          name,
          Array.from({ length: 10 }, (_, index) => ({
            partitionKey: `key-${index}`,
            data: Buffer.from(`${name} ${round} ${index}`),
          })),
        )
    }
    await vi.waitFor(async () => expect(await countSeen()).toEqual({ all: 400, different: 400 }), {
      timeout: 20_000,
    })
    await Promise.all([worker.stop(), worker.stop()])
    expect(await countSeen()).toEqual({ all: 400, different: 400 })
  })

  it('works a pipeline of one shard beside one of many, and does not let it wait for all of them', async () => {
    await createStream(db, { name: 'many', shards: 12 })
    await createStream(db, { name: 'one' })
    await using producer = createProducer({ ...db, logger })
    const put = (stream: string, shards: number) =>
      producer.put(
        stream,
        Array.from({ length: shards }, (_, index) => ({
          partitionKey: 'k',
          explicitHashKey: (BigInt(index) * 2n ** 128n) / BigInt(shards) + 1n,
          data: Buffer.from(stream),
        })),
      )
    await put('many', 12)
    await put('one', 1)
    const worked: string[] = []
    const noting = (stream: string) =>
      definePipeline({ name: `of-${stream}`, stream }).to(
        sink('noted', async (client) => {
          await client.query('select pg_sleep(0.03)')
          worked.push(stream)
        }),
      )
    await using _ = await startWorker(
      { ...db, logger },
      // Looks between any two shards, as on a busy stream: each of them orders anew what waits.
      { pipelines: [noting('many'), noting('one')], concurrency: 1, lingerMs: 100, pollMs: 10 },
    )
    await vi.waitFor(() => expect(worked).toHaveLength(13), { timeout: 30_000 })
    expect(worked.indexOf('one')).toBeLessThan(2)
  })

  it('leaves a shard that has more to work another that waits for its place', async () => {
    await createStream(db, { name: 'long', shards: 2 })
    await using producer = createProducer({ ...db, logger })
    const each = 40
    for (const shard of [0n, 1n])
      await producer.put(
        'long',
        Array.from({ length: each }, () => ({
          partitionKey: 'k',
          explicitHashKey: shard * 2n ** 127n,
          data: Buffer.from('x'),
        })),
      )
    const worked: number[] = []
    const turns: { shardId: number; epoch: string }[] = []
    const slow = definePipeline({ name: 'long', stream: 'long', batch: { records: 1 } }).to(
      sink('noted', async (client, _records, { shard, shardId }) => {
        const { rows } = await client.query(
          `select epoch, pg_sleep(0.02)
             from millrace.checkpoint
            where pipeline = 'long'
              and shard_id = $1`,
          [shardId],
        )
        const { epoch } = rows[0]
        const last = turns.at(-1)
        if (last?.shardId !== shardId || last.epoch !== epoch) turns.push({ shardId, epoch })
        worked.push(shard)
      }),
    )
    // As if a look had found the shard free just before it was taken: its job is older than that of the other.
    const addStale = async () => {
      const [turn] = turns.slice(-1)
      const key = { pipeline: 'long', source: 'long', turn: 0 }
      if (turn) await addShardJobs(db, [{ ...key, shardId: turn.shardId }])
    }
    await using _ = await startWorker(
      { ...db, logger },
      { pipelines: [slow], concurrency: 1, pollMs: 100, turnMs: 200 },
    )
    await vi.waitFor(() => expect(worked.length).toBeGreaterThan(2), { timeout: 30_000 })
    await addStale()
    await vi.waitFor(() => expect(worked).toHaveLength(2 * each), { timeout: 30_000 })
    expect(turns[0]?.shardId).not.toBe(turns[1]?.shardId)
    const [first, second] = worked[0] === 0 ? [0, 1] : [1, 0]
    expect(worked.indexOf(second)).toBeLessThan(worked.lastIndexOf(first))
  })

  it('goes on with the children of a shard that is done at once, generation after generation', async () => {
    await createStream(db, { name: 'parents' })
    await using producer = createProducer({ ...db, logger })
    const put = () => producer.put('parents', [{ partitionKey: 'k', data: Buffer.from('x') }])
    for (let generation = 0; generation < 3; generation += 1) {
      const [result] = await put()
      await splitShard(db, { stream: 'parents', shard: result?.ok ? result.shard : -1 })
    }
    await put()
    let seen = 0
    const following = definePipeline({ name: 'following', stream: 'parents' }).to(
      sink('none', async (_client, records) => {
        seen += records.length
      }),
    )
    await using _ = await startWorker(
      { ...db, logger },
      { pipelines: [following], pollMs: 60_000, lingerMs: 60_000 },
    )
    await vi.waitFor(() => expect(seen).toBe(4), { timeout: 20_000 })
  })

  it('tries a batch whose lease was lost again in halves, which may be worked within one', async () => {
    await createStream(db, { name: 'slow' })
    await using producer = createProducer({ ...db, logger })
    await producer.put(
      'slow',
      Array.from({ length: 8 }, () => ({ partitionKey: 'k', data: Buffer.from('x') })),
    )
    const sizes: number[] = []
    const slow = definePipeline({ name: 'slow', stream: 'slow', batch: { records: 8 } })
      .step(
        step('slow', async (records) => {
          sizes.push(records.length)
          // As if another worker had taken the shard over meanwhile, and lost it as well.
          if (records.length > 2)
            await db.pool.query(
              `update millrace.checkpoint set epoch = epoch + 1, owner = null where pipeline = 'slow'`,
            )
          return records
        }),
      )
      .to(sink('none', async () => {}))
    await using _ = await startWorker(
      { ...db, logger },
      { pipelines: [slow], pollMs: 100, concurrency: 1 },
    )
    await vi.waitFor(() => expect(sizes).toHaveLength(6), { timeout: 20_000 })
    expect(sizes).toEqual([8, 4, 2, 2, 2, 2])
  })

  it('does its upkeep by the database’s clock, whatever a process with another one did before', async () => {
    let times = 0
    const upkeep = async () => {
      times += 1
    }
    await using _ = await startWorker(
      { ...db, logger },
      { pipelines: [copying], pollMs: 100, upkeep },
    )
    await vi.waitFor(() => expect(times).toBe(1), { timeout: 10_000 })
    const lastTend = (ms: number) =>
      db.pool.query(
        `update millrace.setting
            set value = (floor(extract(epoch from clock_timestamp()) * 1000)::bigint + $1)::text
          where name = 'last_tend'`,
        [ms],
      )
    await vi.waitFor(async () => expect((await lastTend(-60_000)).rowCount).toBe(1))
    await vi.waitFor(() => expect(times).toBe(2), { timeout: 10_000 })
    await lastTend(3_600_000)
    await vi.waitFor(() => expect(times).toBe(3), { timeout: 10_000 })
  })

  it('refuses a pool that its listeners alone would use up', async () => {
    const pool = createPool({ logger }, { url: db.url, maxConnections: 2 })
    await expect(startWorker({ pool, logger }, { pipelines: [copying] })).rejects.toThrow(
      /expected a pool of at least 4 connections, better 12, got one of 2/,
    )
    await pool.end()
  })

  it('gives its leases back when it stops', async () => {
    const { rows } = await db.pool.query(
      'select 1 from millrace.checkpoint where owner is not null',
    )
    expect(rows).toEqual([])
  })
})

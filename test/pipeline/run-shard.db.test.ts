import { beforeAll, describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { ensureCheckpoints } from '../../src/pipeline/checkpoint.ts'
import { findWork } from '../../src/pipeline/find-work.ts'
import { releaseLease, takeLease } from '../../src/pipeline/lease.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { runShard } from '../../src/pipeline/run-shard.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()

beforeAll(async () => {
  await db.pool.query('create table effect (pipeline text, seq bigint, text text)')
})

/** A stream of one shard with `texts` in it, and a pipeline over it that writes each record to a table. */
async function setup(
  name: string,
  texts: readonly string[],
  overrides: Partial<Pipeline> = {},
): Promise<{ pipeline: Pipeline; key: { pipeline: string; shardId: number } }> {
  await createStream(db, { name })
  await using producer = createProducer({ ...db, logger })
  await producer.put(
    name,
    texts.map((text) => ({ partitionKey: 'k', data: Buffer.from(text) })),
  )
  const pipeline: Pipeline = {
    name,
    streams: [name],
    process: async (batch) => async (client) => {
      await client.query('insert into effect select $1, * from unnest($2::bigint[], $3::text[])', [
        name,
        batch.records.map((record) => String(record.sequence)),
        batch.records.map((record) => record.data.toString()),
      ])
    },
    ...overrides,
  }
  await ensureCheckpoints(db, pipeline)
  const { shards } = await describeStream(db, name)
  return { pipeline, key: { pipeline: name, shardId: shards[0]?.id ?? 0 } }
}

const effects = async (pipeline: string): Promise<string[]> => {
  const { rows } = await db.pool.query('select text from effect where pipeline = $1 order by seq', [
    pipeline,
  ])
  return rows.map((row) => row.text)
}

const run = (
  { pipeline, key }: Awaited<ReturnType<typeof setup>>,
  options: { owner?: string; leaseMs?: number; maxAttempts?: number } = {},
) =>
  runShard({ ...db, logger }, pipeline, key, {
    owner: 'test',
    signal: new AbortController().signal,
    ...options,
  })

/** Makes a failed batch due at once. */
const makeDue = (pipeline: string) =>
  db.pool.query('update millrace.checkpoint set retry_at = null where pipeline = $1', [pipeline])

describe('runShard', () => {
  it('writes the effects of every record once, in order, and goes on where it was', async () => {
    const texts = Array.from({ length: 250 }, (_, index) => `r${index}`)
    const work = await setup('once', texts, { batchRecords: 40 })
    expect(await run(work)).toEqual({ end: 'caught_up', records: 250 })
    expect(await run(work)).toEqual({ end: 'caught_up', records: 0 })
    expect(await effects('once')).toEqual(texts)
  })

  it('is found as work until it is done, and not while somebody holds the lease', async () => {
    const work = await setup('found', ['a'])
    expect(await findWork(db, ['found'])).toEqual([work.key])
    const held = await takeLease(db, work.key, { owner: 'other', leaseMs: 60_000 })
    expect(await findWork(db, ['found'])).toEqual([])
    expect(await run(work)).toEqual({ end: 'busy', records: 0 })
    if (held.taken) await releaseLease(db, held.lease)
    await run(work)
    expect(await findWork(db, ['found'])).toEqual([])
  })

  it('takes over an expired lease, and the one who lost it cannot commit', async () => {
    let wake = () => {}
    const asleep = new Promise<void>((resolve) => {
      wake = resolve
    })
    let reached = () => {}
    const processing = new Promise<void>((resolve) => {
      reached = resolve
    })
    const work = await setup('zombie', ['a', 'b'])
    const frozen: Pipeline = {
      ...work.pipeline,
      process: async (batch, context) => {
        reached()
        await asleep
        return work.pipeline.process(batch, context)
      },
    }
    const zombie = run({ ...work, pipeline: frozen }, { owner: 'zombie', leaseMs: 60_000 })
    await processing
    await db.pool.query(
      `update millrace.checkpoint set lease_expires_at = now() - interval '1 s' where pipeline = 'zombie'`,
    )
    expect(await run(work, { owner: 'heir' })).toEqual({ end: 'caught_up', records: 2 })
    wake()
    expect(await zombie).toEqual({ end: 'lost', records: 0 })
    expect(await effects('zombie')).toEqual(['a', 'b'])
  })

  it('blames one record alone: what is before and behind it commits, it ends in the dead letters', async () => {
    const texts = Array.from({ length: 100 }, (_, index) => (index === 63 ? 'poison' : `r${index}`))
    const work = await setup('poison', texts)
    const touchy: Pipeline = {
      ...work.pipeline,
      process: async (batch, context) => {
        if (batch.records.some((record) => record.data.toString() === 'poison'))
          throw new Error('cannot digest this')
        return work.pipeline.process(batch, context)
      },
    }
    const attempt = () => run({ ...work, pipeline: touchy }, { maxAttempts: 2 })
    expect(await attempt()).toEqual({ end: 'failed', records: 63 })
    expect(await findWork(db, ['poison'])).toEqual([])
    await makeDue('poison')
    expect(await attempt()).toMatchObject({ end: 'caught_up' })
    expect(await effects('poison')).toEqual(texts.filter((text) => text !== 'poison'))
    const { rows } = await db.pool.query(
      `select convert_from(data, 'UTF8') as data, error, attempts from millrace.dead_letter where pipeline = 'poison'`,
    )
    expect(rows).toEqual([
      { data: 'poison', error: expect.stringContaining('cannot digest this'), attempts: 2 },
    ])
  })

  it('waits, and gives up nothing, while the outside world is at fault', async () => {
    const work = await setup('outage', ['a', 'b'])
    let down = true
    const dependent: Pipeline = {
      ...work.pipeline,
      process: async (batch, context) => {
        if (down)
          throw new MillraceError('embedder_unavailable', 'the provider is down', {
            retryable: true,
          })
        return work.pipeline.process(batch, context)
      },
    }
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect(await run({ ...work, pipeline: dependent }, { maxAttempts: 2 })).toMatchObject({
        end: 'failed',
      })
      await makeDue('outage')
    }
    down = false
    expect(await run({ ...work, pipeline: dependent })).toEqual({ end: 'caught_up', records: 2 })
    expect(await effects('outage')).toEqual(['a', 'b'])
    const { rows } = await db.pool.query(
      `select failures, last_error from millrace.checkpoint where pipeline = 'outage'`,
    )
    expect(rows).toEqual([{ failures: 0, last_error: null }])
  })

  it('rolls the checkpoint back with the writes when a sink fails half-way', async () => {
    const work = await setup('half', ['a', 'b'])
    const broken: Pipeline = {
      ...work.pipeline,
      process: async (batch, context) => {
        const sink = await work.pipeline.process(batch, context)
        return async (client) => {
          await sink(client)
          throw new MillraceError('conflict', 'after the writes', { retryable: true })
        }
      },
    }
    expect(await run({ ...work, pipeline: broken })).toMatchObject({ end: 'failed' })
    expect(await effects('half')).toEqual([])
    await makeDue('half')
    await run(work)
    expect(await effects('half')).toEqual(['a', 'b'])
  })

  it('uses up no attempt of a record while the outside world is at fault', async () => {
    const work = await setup('patient', ['a'])
    let error: Error = new MillraceError('embedder_unavailable', 'down', { retryable: true })
    const failing: Pipeline = {
      ...work.pipeline,
      process: async () => {
        throw error
      },
    }
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await run({ ...work, pipeline: failing }, { maxAttempts: 2 })
      await makeDue('patient')
    }
    error = new Error('the first real failure, with a NUL \0 and a lone \ud800')
    expect(await run({ ...work, pipeline: failing }, { maxAttempts: 2 })).toMatchObject({
      end: 'failed',
    })
    const { rows } = await db.pool.query(
      `select failures, last_error from millrace.checkpoint where pipeline = 'patient'`,
    )
    expect(rows).toEqual([
      { failures: 1, last_error: expect.stringContaining('the first real failure') },
    ])
    await makeDue('patient')
    await run({ ...work, pipeline: failing }, { maxAttempts: 2 })
    const { rows: dead } = await db.pool.query(
      `select attempts from millrace.dead_letter where pipeline = 'patient'`,
    )
    expect(dead).toEqual([{ attempts: 2 }])
  })

  it('passes what retention took before it was processed, and counts as done', async () => {
    const work = await setup('expired', [])
    const { shardId } = work.key
    await db.pool.query(
      `select millrace.attach_segment('frame_s' || $1, 'expired_leaf', 'last_seq', 1, 1000)`,
      [shardId],
    )
    await db.pool.query(
      `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values ($1, 1, 1000, 'expired_leaf', true)`,
      [shardId],
    )
    await db.pool.query(
      `insert into millrace.expired_leaf (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
       values ($1, 10, 10, 0, 2, now(), '{k}', '{x}')`,
      [shardId],
    )
    expect(await findWork(db, ['expired'])).toEqual([work.key])
    expect(await run(work)).toEqual({ end: 'caught_up', records: 0 })
    expect(await findWork(db, ['expired'])).toEqual([])
    expect(await effects('expired')).toEqual([])
  })

  it('does not take a transaction for committed that COMMIT rolled back', async () => {
    const work = await setup('swallowed', ['a'])
    const swallowing: Pipeline = {
      ...work.pipeline,
      process: async () => async (client) => {
        await client.query('select 1 / 0').catch(() => undefined)
      },
    }
    expect(await run({ ...work, pipeline: swallowing })).toMatchObject({
      end: 'failed',
      records: 0,
    })
  })

  it('starts a child shard only when its parents are done', async () => {
    const work = await setup('lineage', ['a'])
    const { shards } = await describeStream(db, 'lineage')
    const parent = shards[0]
    await db.pool.query(
      `update millrace.shard set state = 'closed', closed_seq = millrace.last_seq(id) where id = $1`,
      [parent?.id],
    )
    const { rows } = await db.pool.query(
      `insert into millrace.shard (stream_id, number, hash_start, hash_end, parents, created_seq)
       select stream_id, 1, hash_start, hash_end, '{0}', closed_seq + 1 from millrace.shard where id = $1
       returning id`,
      [parent?.id],
    )
    const child = rows[0].id
    await db.pool.query('select millrace.create_shard_table($1), millrace.ensure_segments($1)', [
      child,
    ])
    await db.pool.query(`select millrace.append_frame($1, 2, '{k}', '{b}')`, [child])
    await ensureCheckpoints(db, work.pipeline)
    expect(await findWork(db, ['lineage'])).toEqual([work.key])
    await run(work)
    expect(await findWork(db, ['lineage'])).toEqual([{ pipeline: 'lineage', shardId: child }])
  })
})

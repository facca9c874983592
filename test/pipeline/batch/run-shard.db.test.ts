import { beforeAll, describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { createLogger } from '../../../src/base/logger.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { openPipeline } from '../../../src/pipeline/batch/open-pipeline.ts'
import { runShard } from '../../../src/pipeline/batch/run-shard.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import type { PipelineOptions } from '../../../src/pipeline/pipeline-options.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
import { releaseLease, takeLease } from '../../../src/pipeline/scheduling/lease.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { PartialFailure } from '../../../src/pipeline/step.ts'
import { step } from '../../../src/pipeline/steps/step.ts'
import { testDatabase } from '../../support/database.ts'
import {
  createPipelineRig,
  isPoison,
  type Process,
  pipelineOf,
  textsOf,
  toEffect,
} from '../../support/pipeline-rig.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const { prepare, setup, open, run, effects, makeDue, deadLetters, checkpoint, breaker } =
  createPipelineRig(db)

beforeAll(async () => {
  await prepare()
})

const choking: Process = (records) => {
  if (records.some(isPoison)) throw new Error('cannot digest this')
  return records
}

describe('runShard', () => {
  it('says when what waits is due: a batch that is not full, or one that failed', async () => {
    const { key } = await setup('due', ['r0'])
    const options = { owner: 'test', signal: new AbortController().signal }
    const work = async (pipeline: Parameters<typeof open>[0]) =>
      runShard({ ...db, logger }, await open(pipeline), key, {
        ...options,
        waitForMore: async () => 'leave',
      })
    const filling = pipelineOf('due', undefined, { batch: { windowMs: 60_000 } })
    expect(await work(filling)).toEqual({ end: 'caught_up', records: 0, retryMs: 500 })
    await makeDue('due')
    const failing = () => {
      throw new Error('not now')
    }
    const { retryMs } = await work(pipelineOf('due', failing, { retry: { backoffMs: 30_000 } }))
    expect(retryMs).toBeGreaterThanOrEqual(15_000)
  })

  it('writes the effects of every record once, in order, and goes on where it was', async () => {
    const work = await setup('once', textsOf(250), { batch: { records: 40 } })
    expect(await run(work)).toEqual({ end: 'caught_up', records: 250 })
    expect(await run(work)).toEqual({ end: 'caught_up', records: 0 })
    expect(await effects('once')).toEqual(textsOf(250))
    expect(await checkpoint('once')).toMatchObject({ records: '250', batches: '7', dead: '0' })
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
    const asleep = Promise.withResolvers<void>()
    const processing = Promise.withResolvers<void>()
    const work = await setup('zombie', ['a', 'b'])
    const frozen = pipelineOf('zombie', async (records) => {
      processing.resolve()
      await asleep.promise
      return records
    })
    const zombie = run({ ...work, pipeline: frozen }, { owner: 'zombie', leaseMs: 60_000 })
    await processing.promise
    await db.pool.query(
      `update millrace.checkpoint set lease_expires_at = now() - interval '1 s' where pipeline = 'zombie'`,
    )
    expect(await run(work, { owner: 'heir' })).toEqual({ end: 'caught_up', records: 2 })
    asleep.resolve()
    expect(await zombie).toEqual({ end: 'lost', records: 0 })
    expect(await effects('zombie')).toEqual(['a', 'b'])
  })

  it('blames one record alone: what is before and behind it commits, it ends in the dead letters', async () => {
    const lines = textsOf(100, [63])
    const work = await setup('poison', lines)
    let calls = 0
    const touchy = pipelineOf('poison', (records, context) => {
      calls += 1
      return choking(records, context)
    })
    expect(await run({ ...work, pipeline: touchy })).toMatchObject({ end: 'failed', records: 63 })
    // 100 -> 50+50 -> 25 -> 13+12 ...: one call a halving, and the first.
    expect(calls).toBeLessThanOrEqual(9)
    expect(await findWork(db, ['poison'])).toEqual([work.key])
    calls = 0
    expect(await run({ ...work, pipeline: touchy })).toMatchObject({ end: 'failed', records: 0 })
    expect(calls).toBe(1)
    expect(await run({ ...work, pipeline: touchy })).toMatchObject({ end: 'caught_up' })
    expect(await effects('poison')).toEqual(lines.filter((text) => !text.startsWith('poison')))
    expect(await deadLetters('poison')).toEqual([
      {
        data: 'poison 63',
        error: expect.stringMatching(
          /^pipeline "poison", step "own", record \d+ of poison\/0: it threw Error: cannot digest this$/,
        ),
        attempts: 3,
        condition: 'retries_exhausted',
        step: 'own',
      },
    ])
    expect(await checkpoint('poison')).toMatchObject({ records: '100', dead: '1', failures: 0 })
  })

  it('tries only from the lowest record that a step names, and keeps what came before it', async () => {
    const lines = textsOf(50, [10, 20, 30])
    const work = await setup('named', lines)
    const calls: string[][] = []
    const naming = pipelineOf(
      'named',
      (records) => {
        calls.push(records.map((record) => record.data.toString()))
        const failed = records.filter(isPoison).map((record) => record.sequence)
        return failed.length > 0
          ? { values: records, failure: new PartialFailure(failed) }
          : records
      },
      { retry: { attempts: 2, backoffMs: 0 } },
    )
    for (const end of ['failed', 'failed', 'failed', 'caught_up'])
      expect(await run({ ...work, pipeline: naming })).toMatchObject({ end })
    expect(calls.map((call) => [call[0], call.length])).toEqual([
      ['r0', 50],
      ['poison 10', 1],
      ['r11', 39],
      ['poison 20', 1],
      ['r21', 29],
      ['poison 30', 1],
      ['r31', 19],
    ])
    expect(await effects('named')).toEqual(lines.filter((text) => text.startsWith('r')))
    expect((await deadLetters('named')).map((letter) => letter.data)).toEqual([
      'poison 10',
      'poison 20',
      'poison 30',
    ])
  })

  it('gives a whole batch up when it may not bisect', async () => {
    const work = await setup('whole', textsOf(30, [25]), {
      batch: { records: 10 },
      retry: { attempts: 2, bisect: false, backoffMs: 0 },
    })
    const options: Partial<PipelineOptions> = {
      batch: { records: 10 },
      retry: { attempts: 2, bisect: false, backoffMs: 0 },
    }
    const pipeline = pipelineOf('whole', choking, options)
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed', records: 20 })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up' })
    expect(await effects('whole')).toEqual(textsOf(20))
    expect(await deadLetters('whole')).toHaveLength(10)
  })

  it('keeps each key in order over parallel calls, and no call sees more than a batch', async () => {
    const work = await setup('lanes', [])
    await using producer = createProducer({ ...db, logger })
    const records = Array.from({ length: 400 }, (_, index) => ({
      partitionKey: `key-${index % 7}`,
      data: Buffer.from(`r${index}`),
    }))
    await producer.put('lanes', records)
    let most = 0
    let together = 0
    let now = 0
    const order = new Map<string, bigint>()
    const parallel = pipelineOf(
      'lanes',
      async (batch) => {
        now += 1
        together = Math.max(together, now)
        most = Math.max(most, batch.length)
        await new Promise((resolve) => setImmediate(resolve))
        for (const { partitionKey, sequence } of batch) {
          expect(sequence).toBeGreaterThan(order.get(partitionKey) ?? 0n)
          order.set(partitionKey, sequence)
        }
        now -= 1
        return batch
      },
      { parallelization: 3, batch: { records: 30 } },
    )
    expect(await run({ ...work, pipeline: parallel })).toEqual({ end: 'caught_up', records: 400 })
    expect(most).toBeLessThanOrEqual(30)
    expect(together).toBe(3)
    expect(await effects('lanes')).toEqual(records.map((record) => record.data.toString()))
  })

  it('opens a breaker that waits, uses up no attempt and gives nothing up, and closes by probing', async () => {
    const work = await setup('outage', ['a', 'b'])
    let isDown = true
    const dependent = pipelineOf('outage', (records) => {
      if (isDown)
        throw new MillraceError('embedder_unavailable', 'the provider is down', { retryable: true })
      return records
    })
    for (let failures = 1; failures <= 4; failures += 1) {
      expect(await run({ ...work, pipeline: dependent })).toMatchObject({ end: 'failed' })
      expect(await breaker('outage')).toEqual({
        breaker: 'open',
        failures,
        reason: expect.stringContaining('the provider is down'),
      })
      expect(await findWork(db, ['outage'])).toEqual([])
      expect(await run({ ...work, pipeline: dependent })).toEqual({ end: 'busy', records: 0 })
      await makeDue('outage')
    }
    isDown = false
    expect(await run({ ...work, pipeline: dependent })).toEqual({ end: 'caught_up', records: 2 })
    expect(await breaker('outage')).toMatchObject({ breaker: 'closed', reason: null })
    expect(await effects('outage')).toEqual(['a', 'b'])
    expect(await checkpoint('outage')).toMatchObject({ failures: 0, last_error: null })
  })

  it('waits for a wrong key as for an outage: it is no record’s fault', async () => {
    const work = await setup('rejected', ['a'])
    const pipeline = pipelineOf('rejected', () => {
      throw new MillraceError('embedder_rejected', 'the server answered 401')
    })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed' })
    expect(await checkpoint('rejected')).toMatchObject({ failures: 0 })
    expect(await deadLetters('rejected')).toEqual([])
  })

  it('rolls the checkpoint back with the writes when a sink fails half-way', async () => {
    const work = await setup('half', ['a', 'b'])
    const open = await openPipeline(work.pipeline, {
      ...db,
      logger,
      pipeline: 'half',
      embedding: async () => expect.unreachable(),
    })
    const broken = definePipeline({ name: 'half', stream: 'half' }).to(
      sink('breaking', async (client, records, context) => {
        const write = await open.sinks[0]?.open.prepare(records as never[], context)
        await write?.(client)
        throw new MillraceError('conflict', 'after the writes', { retryable: true })
      }),
    )
    expect(await run({ ...work, pipeline: broken })).toMatchObject({ end: 'failed' })
    expect(await effects('half')).toEqual([])
    await makeDue('half')
    await run(work)
    expect(await effects('half')).toEqual(['a', 'b'])
  })

  it('commits what is before a record that a sink names', async () => {
    const work = await setup('named-by-sink', textsOf(9, [4]))
    const naming = definePipeline({
      name: 'named-by-sink',
      stream: 'named-by-sink',
      retry: { attempts: 1 },
    }).to(
      sink<LogRecord>('naming', async (client, records, { pipeline }) => {
        for (const record of records)
          await client.query('insert into effect values ($1, $2, $3)', [
            pipeline,
            String(record.sequence),
            record.data.toString(),
          ])
        const failed = records.filter(isPoison).map((record) => record.sequence)
        return failed.length > 0 ? new PartialFailure(failed, 'refused by the shop') : undefined
      }),
    )
    expect(await run({ ...work, pipeline: naming })).toMatchObject({ end: 'caught_up' })
    expect(await effects('named-by-sink')).toEqual(
      textsOf(9, [4]).filter((text) => !text.startsWith('poison')),
    )
    expect(await deadLetters('named-by-sink')).toMatchObject([
      { data: 'poison 4', error: expect.stringContaining('refused by the shop') },
    ])
  })

  it('says in one line what is wrong with what a step returns, and never the payload', async () => {
    const secret = 'hunter2-is-my-long-secret'
    const work = await setup('wrong', [secret])
    const wrongs: [Process, RegExp][] = [
      [() => [], /expected it to return 1 results, one a value and in their order, got 0$/],
      [() => undefined, /expected it to return an array of 1 results, one a value, got undefined$/],
      [
        () => new PartialFailure([7n]),
        /names 7 as failed, which is no sequence number of its batch/,
      ],
      [
        (records) => {
          throw new Error(`bad line ${records[0]?.data}`)
        },
        /threw Error: bad line \[record\]$/,
      ],
      [(records) => JSON.parse(String(records[0]?.data)), /it threw a SyntaxError$/],
      [
        () => {
          throw 'a string'
        },
        /it threw a value of type string/,
      ],
      [() => new Promise(() => {}), /it did not return within 50 ms; make it faster/],
    ]
    for (const [process, message] of wrongs) {
      const pipeline = definePipeline({ name: 'wrong', stream: 'wrong', retry: { backoffMs: 0 } })
        .step(step<LogRecord, LogRecord>('own', process as never, { timeoutMs: 50 }))
        .to(toEffect)
      expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed' })
      const { last_error: error } = await checkpoint('wrong')
      expect(error).toMatch(/^pipeline "wrong", step "own", record \d+ of wrong\/0: /)
      expect(error).toMatch(message)
      expect(error).not.toContain(secret)
      await db.pool.query(`update millrace.checkpoint set failures = 0 where pipeline = 'wrong'`)
    }
  })

  it('sends what is too old to the failure destination untried', async () => {
    const work = await setup('old', ['a', 'b'])
    await db.pool.query(
      `update millrace.frame set arrived_at = arrived_at - interval '2 minutes' where shard_id = $1`,
      [work.key.shardId],
    )
    const pipeline = pipelineOf('old', () => expect.unreachable(), {
      retry: { maxAgeMs: 60_000 },
    })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up' })
    expect(await deadLetters('old')).toMatchObject([
      { data: 'a', condition: 'too_old' },
      { data: 'b', condition: 'too_old' },
    ])
  })

  it('counts what a filter leaves out as done', async () => {
    const work = await setup('filtered', textsOf(10, [3]))
    const pipeline = pipelineOf('filtered', undefined, { filters: [{ partitionKey: ['k2'] }] })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up', records: 10 })
    expect(await effects('filtered')).toEqual(textsOf(10, [3]).filter((text) => text.length === 2))
    expect(await checkpoint('filtered')).toMatchObject({ records: '10', filtered: '1' })
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
    const swallowing = definePipeline({ name: 'swallowed', stream: 'swallowed' }).to(
      sink('swallowing', async (client) => {
        await client.query('select 1 / 0').catch(() => undefined)
      }),
    )
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
    await ensureCheckpoints(db, { name: 'lineage', streams: ['lineage'] })
    expect(await findWork(db, ['lineage'])).toEqual([work.key])
    await run(work)
    expect(await findWork(db, ['lineage'])).toEqual([{ pipeline: 'lineage', shardId: child }])
  })
})

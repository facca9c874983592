import type { Connection } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { openPipeline } from '../../../src/pipeline/batch/open-pipeline.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { pausePipeline } from '../../../src/pipeline/operations/pause-pipeline.ts'
import { redriveDeadLetters } from '../../../src/pipeline/operations/redrive-dead-letters.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { redriveLetters } from '../../../src/pipeline/scheduling/redrive-letters.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import { testDatabase } from '../../support/database.ts'
import {
  createPipelineRig,
  isPoison,
  pipelineOf,
  textsOf,
  toEffect,
} from '../../support/pipeline-rig.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const { prepare, setup, put, run, effects, makeDue, deadLetters, checkpoint, breaker } =
  createPipelineRig(db)

beforeAll(async () => {
  await prepare()
})

/** Writes, and loses its connection in the middle of it as often as it is told to. */
const losing = (losses: number) => {
  let left = losses
  return sink<LogRecord>('losing', async (client, records, context) => {
    if (left > 0) (client as unknown as { connection: Connection }).connection.stream.destroy()
    left -= 1
    await (await (await toEffect.open(resources)).prepare(records, context))(client)
  })
}

const resources = {
  ...db,
  logger,
  pipeline: 'any',
  embedding: async () => expect.unreachable(),
}

/** Fails on poison, whole batches at a time. */
const choking = (records: readonly LogRecord[]) => {
  if (records.some(isPoison)) throw new Error('cannot digest this')
  return records
}

describe('a failed unit', () => {
  it('that retention takes before it is tried again takes nothing else with it', async () => {
    const work = await setup('trimmed', ['poison 0'])
    const pipeline = pipelineOf('trimmed', choking)
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed' })
    const { failed_to: failedTo } = await checkpoint('trimmed')
    await db.pool.query(`update millrace.stream set trim_seq = $1 where name = 'trimmed'`, [
      String(BigInt(failedTo) + 1n),
    ])
    await put('trimmed', ['r1', 'poison 2', 'r3'])
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed', records: 1 })
    // The new one starts with no attempts of the old one.
    expect(await checkpoint('trimmed')).toMatchObject({ failures: 1 })
    await run({ ...work, pipeline })
    await run({ ...work, pipeline })
    expect(await effects('trimmed')).toEqual(['r1', 'r3'])
    expect(await deadLetters('trimmed')).toMatchObject([{ data: 'poison 2', attempts: 3 }])
  })

  it('whose sink lost its connection waits, and uses up no attempt', async () => {
    const work = await setup('cut', ['r0', 'r1'], { retry: { attempts: 1 } })
    const pipeline = definePipeline({ name: 'cut', stream: 'cut', retry: { attempts: 1 } }).to(
      losing(2),
    )
    for (let loss = 1; loss <= 2; loss += 1) {
      expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed', records: 0 })
      expect(await checkpoint('cut')).toMatchObject({
        failures: 0,
        last_error: expect.stringContaining('the connection to the database was lost'),
      })
      await makeDue('cut')
    }
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up', records: 2 })
    expect(await effects('cut')).toEqual(['r0', 'r1'])
    expect(await deadLetters('cut')).toEqual([])
  })

  it('that quotes what a lost connection says is a record’s all the same', async () => {
    const text = 'poison: Connection terminated unexpectedly'
    const work = await setup('quoting', [text], { retry: { attempts: 1 } })
    const quoting = (records: readonly LogRecord[]) => {
      throw new Error(`cannot digest ${records[0]?.data}`)
    }
    const pipeline = pipelineOf('quoting', quoting, { retry: { attempts: 1 } })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up' })
    expect(await deadLetters('quoting')).toMatchObject([{ data: text }])
  })

  it('beside an open window is given up like any other', async () => {
    const work = await setup('beside', ['r0'])
    const counting = definePipeline({
      name: 'beside',
      stream: 'beside',
      retry: { attempts: 2, backoffMs: 0 },
    })
      .step(
        map((record) => {
          if (isPoison(record)) throw new TypeError('cannot digest this')
          return record
        }),
      )
      .step(
        aggregate({
          windowMs: 3_600_000,
          initial: () => 0,
          add: (count: number) => count + 1,
          result: (count) => ({ count }),
        }),
      )
      .to(sink('nowhere', async () => {}))
    await run({ ...work, pipeline: counting })
    await put('beside', ['poison 1', 'r2'])
    expect(await run({ ...work, pipeline: counting })).toMatchObject({ end: 'failed' })
    expect(await run({ ...work, pipeline: counting })).toMatchObject({ end: 'caught_up' })
    expect(await deadLetters('beside')).toMatchObject([{ data: 'poison 1', attempts: 2 }])
    expect(await checkpoint('beside')).toMatchObject({ records: '3', dead: '1' })
  })
})

describe('a sink', () => {
  it('that leaves queries running when it throws writes nothing outside its transaction', async () => {
    const work = await setup('loose', ['a', 'b', 'poison'], { retry: { attempts: 1 } })
    const left: Promise<unknown>[] = []
    const loose = definePipeline({ name: 'loose', stream: 'loose', retry: { attempts: 1 } }).to(
      sink<LogRecord>('loose', async (client, records) => {
        const writing = records.map(async (record) => {
          await client.query('select 1')
          if (isPoison(record)) throw new Error('no')
          await client.query('select 1')
          await client.query('select 1')
          await client.query(`insert into effect values ('loose', $1, $2)`, [
            String(record.sequence),
            record.data.toString(),
          ])
        })
        left.push(...writing.map((one) => one.catch(() => undefined)))
        await Promise.all(writing)
      }),
    )
    await run({ ...work, pipeline: loose })
    await Promise.all(left)
    expect(await effects('loose')).toEqual(['a', 'b'])
    expect(await deadLetters('loose')).toMatchObject([{ data: 'poison' }])
  })

  it.each([
    ['throws', 'thrower'],
    ['rejects', 'rejecter'],
    ['is no promise', 'plain'],
  ])('whose `committed` %s changes nothing about the commit', async (_, name) => {
    const work = await setup(name, textsOf(4), { batch: { records: 2 } })
    const telling = definePipeline({ name, stream: name, batch: { records: 2 } }).to({
      ...toEffect,
      open: async (resources) => ({
        ...(await toEffect.open(resources)),
        committed: (() => {
          if (name === 'plain') return 7
          if (name === 'rejecter') return Promise.reject(new Error('too late'))
          throw new Error('too late')
        }) as never,
      }),
    })
    expect(await run({ ...work, pipeline: telling })).toEqual({ end: 'caught_up', records: 4 })
    expect(await effects(name)).toEqual(textsOf(4))
  })

  it('whose statement takes too long gets fewer records', async () => {
    const work = await setup('slow', textsOf(8))
    const sizes: number[] = []
    const slow = definePipeline({ name: 'slow', stream: 'slow' }).to(
      sink<LogRecord>('slow', async (client, records, context) => {
        sizes.push(records.length)
        if (records.length > 2)
          throw Object.assign(new Error('canceling statement due to statement timeout'), {
            code: '57014',
          })
        const open = await toEffect.open({} as never)
        await (await open.prepare(records, context))(client)
      }),
    )
    expect(await run({ ...work, pipeline: slow })).toMatchObject({ end: 'caught_up', records: 8 })
    expect(sizes[0]).toBe(8)
    expect(await effects('slow')).toEqual(textsOf(8))
  })

  it.each([
    ['a table that is missing', 'insert into nothing_of_that_name values (1)'],
    ['a right that is missing', `do $$ begin raise insufficient_privilege; end $$`],
  ])('waits for %s, and gives no record up', async (what, statement) => {
    const name = what.replaceAll(' ', '-')
    const work = await setup(name, ['a', 'b'])
    const pipeline = definePipeline({ name, stream: name, retry: { attempts: 1 } }).to(
      sink('into nothing', async (client) => {
        await client.query(statement)
      }),
    )
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed' })
    expect(await breaker(name)).toMatchObject({ breaker: 'open' })
    expect(await deadLetters(name)).toEqual([])
  })
})

describe('a step', () => {
  it.each([
    ['an abort that is not ours', new MillraceError('aborted', 'the embedder was closed')],
    ['a call of its own that timed out', new DOMException('timed out', 'TimeoutError')],
    ['a full disk', Object.assign(new Error('no space'), { code: 'ENOSPC' })],
    [
      'a refused connection',
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      }),
    ],
  ])('that meets %s waits, said aloud', async (what, error) => {
    const name = what.replaceAll(' ', '-')
    const work = await setup(name, ['a'])
    const pipeline = pipelineOf(name, () => {
      throw error
    })
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'failed' })
    expect(await checkpoint(name)).toMatchObject({ failures: 0, last_error: expect.any(String) })
    expect(await breaker(name)).toMatchObject({ breaker: 'open' })
    await makeDue(name)
    expect(await run(work)).toMatchObject({ end: 'caught_up', records: 1 })
    expect(await breaker(name)).toMatchObject({ breaker: 'closed' })
  })
})

describe('what is given up', () => {
  it('goes into a stream, or to the dead letters when that cannot hold it', async () => {
    await createStream(db, { name: 'failures' })
    const options = { onFailure: { stream: 'failures' }, retry: { attempts: 1, backoffMs: 0 } }
    const work = await setup('large', ['poison small', `poison ${'x'.repeat(900_000)}`], options)
    const pipeline = pipelineOf('large', choking, options)
    expect(await run({ ...work, pipeline })).toMatchObject({ end: 'caught_up' })
    const { rows } = await db.pool.query(
      `select millrace.as_json(data) as letter from millrace.records('failures')`,
    )
    expect(rows).toMatchObject([
      {
        letter: {
          pipeline: 'large',
          stream: 'large',
          shard: 0,
          condition: 'retries_exhausted',
          data: Buffer.from('poison small').toString('base64'),
        },
      },
    ])
    const letters = await deadLetters('large')
    expect(letters.map(({ data }) => data.length)).toEqual([900_007])
  })

  it('is not redriven while its pipeline is paused', async () => {
    const work = await setup('resting', ['poison 1'], { retry: { attempts: 1 } })
    await run({ ...work, pipeline: pipelineOf('resting', choking, { retry: { attempts: 1 } }) })
    expect(await deadLetters('resting')).toHaveLength(1)
    await redriveDeadLetters(db, { pipeline: 'resting', all: true })
    const open = await openPipeline(work.pipeline, {
      ...db,
      logger,
      pipeline: 'resting',
      embedding: async () => expect.unreachable(),
    })
    const redrive = () =>
      redriveLetters({ ...db, logger }, open, { signal: new AbortController().signal })
    await pausePipeline(db, { name: 'resting' })
    expect(await redrive()).toBe(0)
    await db.pool.query(`update millrace.pipeline set state = 'running' where name = 'resting'`)
    const signal = new AbortController().signal
    expect(await redriveLetters({ ...db, logger }, open, { signal, revision: 7 })).toBe(0)
    await db.pool.query('update millrace.dead_letter set redrive_at = now()')
    await db.pool.query(`update millrace.pipeline set state = 'running' where name = 'resting'`)
    expect(await redrive()).toBe(1)
    expect(await effects('resting')).toEqual(['poison 1'])
    expect(await deadLetters('resting')).toEqual([])
  })
})

describe('a letter', () => {
  it('whose connection is lost while it is tried again stays marked, and loses nothing', async () => {
    const work = await setup('lost-letter', ['poison 1'], { retry: { attempts: 1 } })
    await run({ ...work, pipeline: pipelineOf('lost-letter', choking, { retry: { attempts: 1 } }) })
    await redriveDeadLetters(db, { pipeline: 'lost-letter', all: true })
    const open = await openPipeline(
      definePipeline({ name: 'lost-letter', stream: 'lost-letter' }).to(losing(1)),
      {
        ...resources,
        pipeline: 'lost-letter',
      },
    )
    const redrive = () =>
      redriveLetters({ ...db, logger }, open, { signal: new AbortController().signal })
    expect(await redrive()).toBe(0)
    const { rows } = await db.pool.query(
      `update millrace.dead_letter set redrive_at = now()
        where pipeline = 'lost-letter' and redrive_at is not null returning attempts`,
    )
    expect(rows).toEqual([{ attempts: 1 }])
    expect(await redrive()).toBe(1)
    expect(await effects('lost-letter')).toEqual(['poison 1'])
  })
})

describe('a job', () => {
  it('for a child does nothing while its parent is to be read again', async () => {
    const work = await setup('again', ['a'])
    await splitShard(db, { stream: 'again', shard: 0 })
    await ensureCheckpoints(db, { name: 'again', streams: ['again'] })
    await run(work)
    await put('again', ['b', 'cc'])
    const { shards } = await describeStream(db, 'again')
    await db.pool.query(
      `update millrace.checkpoint set seq = 0 where pipeline = 'again' and shard_id = $1`,
      [work.key.shardId],
    )
    for (const { id, number } of shards)
      if (number > 0)
        expect(await run({ ...work, key: { pipeline: 'again', shardId: id } })).toEqual({
          end: 'busy',
          records: 0,
        })
    expect(await effects('again')).toEqual(['a'])
  })
})

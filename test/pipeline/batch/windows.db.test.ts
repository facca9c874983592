import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { sequenceAt } from '../../../src/log/sequence.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { openPipeline } from '../../../src/pipeline/batch/open-pipeline.ts'
import { runShard } from '../../../src/pipeline/batch/run-shard.ts'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
import { registerPipeline } from '../../../src/pipeline/scheduling/register-pipeline.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'
import { testDatabase } from '../../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const windowMs = 60_000
let failing = false

interface Count {
  key: string
  count: number
  start: string
  end: string
}

beforeAll(async () => {
  await db.pool.query('create table result (pipeline text, data jsonb)')
})

/** Counts records by partition key in windows of a minute. */
function counting(name: string) {
  return definePipeline({ name, stream: name, batch: { records: 4 }, retry: { backoffMs: 0 } })
    .step(
      aggregate({
        windowMs,
        key: (record: LogRecord) => record.partitionKey,
        initial: () => ({ count: 0 }),
        add: (state) => ({ count: state.count + 1 }),
        result: (state, { key, start, end }): Count => ({
          key,
          ...state,
          start: start.toISOString(),
          end: end.toISOString(),
        }),
      }),
    )
    .to(
      sink('result', async (client, values, { pipeline }) => {
        if (failing) throw new Error('the table is not there')
        await client.query('insert into result select $1, jsonb_array_elements($2)', [
          pipeline,
          JSON.stringify(values),
        ])
      }),
    )
}

/** Frames whose numbers are of these seconds after the minute that began two minutes ago. */
async function appendAt(shardId: number, start: Date, seconds: readonly number[], key = 'k') {
  for (const second of seconds) {
    const sequence = sequenceAt(new Date(start.getTime() + second * 1000))
    await db.pool.query(
      `insert into millrace.frame (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
       values ($1, $2, $2, coalesce(millrace.last_seq($1), 0), 2, now(), array[$3], '{x}')`,
      [shardId, String(sequence), key],
    )
    await db.pool.query(`update millrace.segment set used = true where shard_id = $1`, [shardId])
  }
}

/** A segment for the hour before the shard's first: in the first minutes of an hour the windows begin in it. */
async function addEarlierSegment(shardId: number) {
  await db.pool.query(
    `with first as (
       select 'frame_s' || shard_id as parent, shard_id, 2 * start_seq - end_seq as start_seq, start_seq as end_seq
         from millrace.segment
        where shard_id = $1
        order by start_seq
        limit 1
     ), attached as (
       select *, millrace.attach_segment(parent, parent || '_' || (start_seq >> 22), 'last_seq', start_seq, end_seq)
         from first
     )
     insert into millrace.segment (shard_id, start_seq, end_seq, table_name)
     select shard_id, start_seq, end_seq, parent || '_' || (start_seq >> 22)
       from attached`,
    [shardId],
  )
}

async function setup(name: string) {
  await createStream(db, { name })
  const pipeline = counting(name)
  await registerPipeline(db, pipeline)
  const { shards } = await describeStream(db, name)
  const shardId = shards[0]?.id ?? 0
  // The shard was there before the windows.
  await addEarlierSegment(shardId)
  await db.pool.query('update millrace.shard set created_seq = 1 where id = $1', [shardId])
  return {
    name,
    pipeline,
    shardId,
    start: new Date(Math.floor(Date.now() / windowMs) * windowMs - 2 * windowMs),
  }
}

async function run({ pipeline, name, shardId }: Awaited<ReturnType<typeof setup>>, id = shardId) {
  const embedding = async () => {
    throw new Error('no embedder')
  }
  const open = await openPipeline(pipeline, { ...db, logger, pipeline: name, embedding })
  return runShard(
    { ...db, logger },
    open,
    { pipeline: name, shardId: id },
    {
      owner: 'test',
      signal: new AbortController().signal,
    },
  )
}

const results = async (name: string): Promise<Count[]> => {
  const { rows } = await db.pool.query(
    `select data from result where pipeline = $1 order by data ->> 'start', data ->> 'key'`,
    [name],
  )
  return rows.map((row) => row.data)
}

const openWindows = async (name: string) => {
  const { rows } = await db.pool.query(
    'select state from millrace.window_state where pipeline = $1',
    [name],
  )
  return rows.map((row) => row.state)
}

describe('tumbling windows', () => {
  it('carry their state over batches and owners, and close when records or the clock are past them', async () => {
    const work = await setup('minutes')
    await appendAt(work.shardId, work.start, [1, 2, 3, 4, 5, 6])
    await appendAt(work.shardId, work.start, [61, 62], 'other')
    expect(await run(work)).toMatchObject({ end: 'caught_up', records: 8 })
    const at = (minutes: number) =>
      new Date(work.start.getTime() + minutes * windowMs).toISOString()
    // The second minute is over as well, by the clock, and no record of it can come any more.
    expect(await results('minutes')).toEqual([
      { key: 'k', count: 6, start: at(0), end: at(1) },
      { key: 'other', count: 2, start: at(1), end: at(2) },
    ])
    expect(await openWindows('minutes')).toEqual([])
    expect(await findWork(db, ['minutes'])).toEqual([])
  })

  it('stay open until their time is over, and count each record once through a failure', async () => {
    const work = await setup('now')
    await using producer = createProducer({ ...db, logger })
    const put = (count: number) =>
      producer.put(
        'now',
        Array.from({ length: count }, () => ({ partitionKey: 'k', data: Buffer.from('x') })),
      )
    await put(3)
    await run(work)
    await put(2)
    await run(work)
    const [state] = await openWindows('now')
    // A minute may have turned between the two.
    if ((await results('now')).length === 0)
      expect(state).toEqual({ k: [{ count: 5 }, expect.any(String)] })
    expect(await findWork(db, ['now'])).toEqual([])
  })

  it('keep their result until it can be written, and blame no record', async () => {
    const work = await setup('stuck')
    await appendAt(work.shardId, work.start, [1, 2, 3])
    failing = true
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await run(work)
      await db.pool.query(`update millrace.checkpoint set retry_at = null where pipeline = 'stuck'`)
    }
    const { rows } = await db.pool.query(
      `select failures, last_error, dead from millrace.checkpoint where pipeline = 'stuck'`,
    )
    expect(rows[0]).toEqual({
      failures: 0,
      dead: '0',
      last_error: expect.stringContaining('the table is not there'),
    })
    expect(await findWork(db, ['stuck'])).toHaveLength(1)
    failing = false
    await run(work)
    expect(await results('stuck')).toMatchObject([{ key: 'k', count: 3 }])
  })

  it('close with their shard, whose children start only then', async () => {
    const work = await setup('ending')
    await using producer = createProducer({ ...db, logger })
    const put = async () => {
      for (const result of await producer.put('ending', [
        { partitionKey: 'k', data: Buffer.from('x') },
        { partitionKey: 'other', data: Buffer.from('x') },
      ]))
        expect(result.ok).toBe(true)
    }
    await put()
    const { opened } = await splitShard(db, { stream: 'ending', shard: 0 })
    await put()
    expect(opened).toHaveLength(2)
    expect(await run(work)).toMatchObject({ end: 'ended', records: 2 })
    expect(await results('ending')).toMatchObject([
      { key: 'k', count: 1 },
      { key: 'other', count: 1 },
    ])
    expect(await openWindows('ending')).toEqual([])
  })
})

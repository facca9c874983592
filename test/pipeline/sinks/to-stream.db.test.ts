import { describe, expect, it } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { deleteStream } from '../../../src/log/delete-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { mergeShards } from '../../../src/log/merge-shards.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { wakeChannel } from '../../../src/log/wake.ts'
import { type ToStreamOptions, toStream } from '../../../src/pipeline/sinks/to-stream.ts'
import { testDatabase } from '../../support/database.ts'
import { readStream } from '../../support/read-stream.ts'
import { commitBatch, contextOf, recordsOf, resourcesOf, rollBackBatch } from './sink-context.ts'

const db = await testDatabase()
const resources = resourcesOf(db)
const records = recordsOf(Array.from({ length: 40 }, (_, index) => `line ${index}`))
const context = contextOf(records)
const open = <T>(options: ToStreamOptions<T>) => toStream<T>(options).open(resources)
const textsOf = async (stream: string) =>
  (await readStream(db, stream)).map(({ data }) => data.toString())
const sorted = (texts: readonly string[]) => [...texts].sort()
const lines = records.map(({ data }) => data.toString())

/** What was put for a key is read in that order, whichever shards it went through. */
async function expectOrder(stream: string, expected: readonly string[]): Promise<void> {
  const read = await readStream(db, stream)
  read.sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
  const byKey = (of: readonly { partitionKey: string; data: Buffer }[]) =>
    Object.groupBy(
      of.map(({ partitionKey, data }) => ({ partitionKey, text: data.toString() })),
      ({ partitionKey }) => partitionKey,
    )
  expect(sorted(read.map(({ data }) => data.toString()))).toEqual(sorted(expected))
  const places = new Map(expected.map((text, place) => [text, place]))
  for (const group of Object.values(byKey(read))) {
    const order = group?.map(({ text }) => places.get(text) ?? -1) ?? []
    expect(order).toEqual([...order].sort((a, b) => a - b))
  }
}

describe('toStream', () => {
  it('puts records on with their keys and bytes, once, also after a rollback', async () => {
    await createStream(db, { name: 'copy', shards: 3 })
    const sink = await open({ stream: 'copy' })
    await rollBackBatch(db, sink, records, context)
    expect(await textsOf('copy')).toEqual([])
    await commitBatch(db, sink, records, context)
    const read = await readStream(db, 'copy')
    expect(new Set(read.map(({ shard }) => shard)).size).toBe(3)
    expect(sorted(read.map(({ partitionKey, data }) => `${partitionKey}:${data}`))).toEqual(
      sorted(records.map(({ partitionKey, data }) => `${partitionKey}:${data}`)),
    )
    await expectOrder('copy', lines)
  })

  it('makes JSON of values, and takes key and data from functions', async () => {
    await createStream(db, { name: 'values' })
    const sink = await open<{ n: bigint }>({ stream: 'values' })
    await commitBatch(db, sink, [{ n: 5n }], contextOf(records.slice(0, 1)))
    const own = await open<number>({
      stream: 'values',
      partitionKey: (value, record) => `${record.partitionKey}/${value}`,
      data: (value) => (value === 1 ? 'text' : Buffer.from([0, 255])),
    })
    await commitBatch(db, own, [1, 2], contextOf(records.slice(0, 2)))
    expect(
      (await readStream(db, 'values')).map(({ partitionKey, data }) => [partitionKey, data]),
    ).toEqual([
      ['key-0', Buffer.from('{"n":"5"}')],
      ['key-0/1', Buffer.from('text')],
      ['key-1/2', Buffer.from([0, 255])],
    ])
  })

  it('sends records of shards that were split or merged since to the ones that are open now', async () => {
    await createStream(db, { name: 'moving', shards: 2 })
    const keyed = contextOf(
      records.map((record, index) => ({ ...record, partitionKey: `k${index % 7}` })),
    )
    const sink = await open({ stream: 'moving' })
    const first = await sink.prepare(keyed.records, keyed)
    await splitShard(db, { stream: 'moving', shard: 0 })
    await transaction(db.pool, first)
    const second = await sink.prepare(
      keyed.records.map((record) => ({ ...record, data: Buffer.from(`2 ${record.data}`) })),
      keyed,
    )
    await mergeShards(db, { stream: 'moving', shard: 3, adjacentShard: 1 })
    await splitShard(db, { stream: 'moving', shard: 4 })
    await transaction(db.pool, second)
    await expectOrder('moving', [...lines, ...lines.map((line) => `2 ${line}`)])
  })

  it('makes a segment that is missing, and gives the transaction its lock timeout back', async () => {
    await createStream(db, { name: 'bare' })
    const shardId = (await describeStream(db, 'bare')).shards[0]?.id
    const { rows } = await db.pool.query<{ table_name: string }>(
      'delete from millrace.segment where shard_id = $1 returning table_name',
      [shardId],
    )
    for (const { table_name } of rows) await db.pool.query(`drop table millrace.${table_name}`)
    const sink = await open({ stream: 'bare' })
    const write = await sink.prepare(records, context)
    await transaction(db.pool, async (client) => {
      await client.query(`set local lock_timeout = '7s'`)
      await write(client)
      const shown = await client.query('show lock_timeout')
      expect(shown.rows).toEqual([{ lock_timeout: '7s' }])
    })
    await expectOrder('bare', lines)
  })

  it('cuts a batch of many megabytes into frames', async () => {
    await createStream(db, { name: 'large', shards: 2 })
    const large = recordsOf(Array.from({ length: 24 }, (_, index) => Buffer.alloc(400_000, index)))
    const sink = await open({ stream: 'large' })
    await commitBatch(db, sink, large, contextOf(large))
    const read = await readStream(db, 'large')
    expect(read.map(({ data }) => data[0]).sort((a, b) => Number(a) - Number(b))).toEqual(
      large.map(({ data }) => data[0]),
    )
    expect(read.every(({ data }) => data.length === 400_000)).toBe(true)
  })

  it('wakes the readers of the shards that it wrote, after the commit', async () => {
    await createStream(db, { name: 'woken' })
    const shardId = (await describeStream(db, 'woken')).shards[0]?.id
    const sink = await open({ stream: 'woken' })
    const write = await sink.prepare(records, context)
    await transaction(db.pool, write)
    const listener = await db.pool.connect()
    try {
      await listener.query(`listen ${wakeChannel}`)
      const heard = new Promise<string | undefined>((resolve) =>
        listener.once('notification', ({ payload }) => resolve(payload)),
      )
      await sink.committed?.(context)
      expect(await heard).toBe(String(shardId))
      await listener.query('unlisten *')
    } finally {
      listener.release()
    }
  })
})

describe('toStream refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['unknown keys', { stream: 's', extra: 1 }, /extra/],
    ['a name that no stream has', { stream: 'a b' }, /stream: expected a stream name/],
    [
      'a key that is no function',
      { stream: 's', partitionKey: 'k' },
      /partitionKey: expected a function/,
    ],
    ['data that is no function', { stream: 's', data: {} }, /data: expected a function/],
  ])('%s', (_what, options, message) => {
    expect(() => toStream(options as ToStreamOptions<unknown>)).toThrow(message)
  })

  it('a stream that does not exist, or is gone, saying how to make it', async () => {
    await expect(open({ stream: 'nowhere' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('millrace stream create nowhere'),
    })
    await createStream(db, { name: 'gone' })
    const sink = await open({ stream: 'gone' })
    const write = await sink.prepare(records, context)
    await deleteStream(db, 'gone')
    await expect(transaction(db.pool, write)).rejects.toMatchObject({ code: 'not_found' })
    await createStream(db, { name: 'gone' })
    await commitBatch(db, sink, records, context)
    await expectOrder('gone', lines)
  })

  it('the stream that its records come from', async () => {
    await createStream(db, { name: 'in' })
    const sink = await open({ stream: 'in' })
    await expect(sink.prepare(records, context)).rejects.toThrow('come back for ever')
  })

  it('what the stream cannot hold, naming its record and never what is in it', async () => {
    await createStream(db, { name: 'strict' })
    const sink = await open<unknown>({
      stream: 'strict',
      partitionKey: (value) => (value === 1 ? '' : 'k'),
    })
    const one = contextOf(records.slice(0, 1))
    await expect(sink.prepare([Buffer.alloc(1_048_576)], one)).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('from record 1 of shard 0 of stream "in"'),
    })
    await db.pool.query(
      `update millrace.stream set max_record_bytes = 2097152 where name = 'strict'`,
    )
    await commitBatch(db, sink, [Buffer.alloc(1_048_576)], one)
    await expect(sink.prepare([1], one)).rejects.toThrow('partition key of 1 to 256')
    await expect(sink.prepare([() => 1], one)).rejects.toThrow('what JSON can hold')
  })

  it('a batch beyond the rate of a provisioned shard, whole: to try again, or to make smaller', async () => {
    const rate = { mode: 'provisioned', shardRecordsPerSecond: 30 } as const
    await createStream(db, { name: 'slow', ...rate })
    const sink = await open({ stream: 'slow' })
    await expect(commitBatch(db, sink, records, context)).rejects.toMatchObject({
      code: 'limit_exceeded',
      retryable: false,
      message: expect.stringContaining('puts 40 records'),
    })
    const half = contextOf(records.slice(0, 20))
    await commitBatch(db, sink, half.records, half)
    const again = await commitBatch(db, sink, half.records, half).then(
      () => 'stored',
      (error: { code: string; retryable: boolean }) => `${error.code} ${error.retryable}`,
    )
    // A slow machine may be a second on by then.
    const stored = (await textsOf('slow')).length
    expect([again, stored]).toEqual(
      again === 'stored' ? ['stored', 40] : ['throughput_exceeded true', 20],
    )
  })
})

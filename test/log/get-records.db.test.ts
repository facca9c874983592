import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { getRecords } from '../../src/log/get-records.ts'
import { type GetShardIteratorInput, getShardIterator } from '../../src/log/get-shard-iterator.ts'
import { encodeIterator } from '../../src/log/iterator.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { createProducer } from '../../src/log/producer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

async function put(stream: string, ...texts: string[]): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  for (const text of texts) {
    const [result] = await producer.put(stream, [{ partitionKey: 'k', data: Buffer.from(text) }])
    expect(result).toMatchObject({ ok: true })
  }
}

type Position<T = GetShardIteratorInput> = T extends unknown ? Omit<T, 'stream' | 'shard'> : never

const iterator = (stream: string, position: Position) =>
  getShardIterator(db, { stream, shard: 0, ...position } as GetShardIteratorInput)

async function textsFrom(shardIterator: string): Promise<string[]> {
  const { records } = await getRecords(db, { shardIterator })
  return records.map((record) => record.data.toString())
}

describe('getShardIterator', () => {
  it('positions by number, whether or not a record bears it', async () => {
    await createStream(db, { name: 'numbers' })
    await put('numbers', 'a', 'b', 'c')
    const [a, b, c] = (await readStream(db, 'numbers')).map((record) => record.sequence)
    if (!a || !b || !c) throw new Error('three records were put')
    const from = async (position: Position) => textsFrom(await iterator('numbers', position))
    expect(await from({ type: 'AT_SEQUENCE_NUMBER', sequence: b })).toEqual(['b', 'c'])
    expect(await from({ type: 'AFTER_SEQUENCE_NUMBER', sequence: b })).toEqual(['c'])
    expect(await from({ type: 'AT_SEQUENCE_NUMBER', sequence: b - 1n })).toEqual(['b', 'c'])
    expect(await from({ type: 'AFTER_SEQUENCE_NUMBER', sequence: b - 1n })).toEqual(['b', 'c'])
    expect(await from({ type: 'AT_SEQUENCE_NUMBER', sequence: 0n })).toEqual(['a', 'b', 'c'])
    expect(await from({ type: 'AFTER_SEQUENCE_NUMBER', sequence: 2n ** 63n - 1n })).toEqual([])
    expect(await from({ type: 'TRIM_HORIZON' })).toEqual(['a', 'b', 'c'])
  })

  it('finds by time exactly what arrived then or later, to the millisecond', async () => {
    await createStream(db, { name: 'times' })
    for (let index = 0; index < 20; index += 1) await put('times', String(index))
    const all = await readStream(db, 'times')
    for (const { arrivedAt } of all) {
      const found = await textsFrom(
        await iterator('times', { type: 'AT_TIMESTAMP', timestamp: arrivedAt }),
      )
      expect(found).toEqual(
        all.filter((record) => record.arrivedAt >= arrivedAt).map(({ data }) => data.toString()),
      )
    }
    await expect(
      iterator('times', { type: 'AT_TIMESTAMP', timestamp: new Date(Date.now() + 60_000) }),
    ).rejects.toMatchObject({ code: 'invalid_argument', message: /not in the future/ })
  })

  it('fixes LATEST at the moment of the call', async () => {
    await createStream(db, { name: 'latest' })
    const ofEmpty = await iterator('latest', { type: 'LATEST' })
    await put('latest', 'a')
    const afterA = await iterator('latest', { type: 'LATEST' })
    await put('latest', 'b')
    expect(await textsFrom(ofEmpty)).toEqual(['a', 'b'])
    expect(await textsFrom(afterA)).toEqual(['b'])
  })

  it('refuses a type without what it needs, and with what it does not', async () => {
    await createStream(db, { name: 'strict' })
    for (const position of [
      { type: 'AT_SEQUENCE_NUMBER' },
      { type: 'LATEST', sequence: 1n },
      { type: 'AT_TIMESTAMP' },
      { type: 'AFTER_SEQUENCE_NUMBER', sequence: -1n },
      { type: 'AT_SEQUENCE_NUMBER', sequence: 2n ** 63n },
      { type: 'NOWHERE' },
    ])
      await expect(iterator('strict', position as Position)).rejects.toMatchObject({
        code: 'invalid_argument',
      })
    await expect(
      getShardIterator(db, { stream: 'strict', shard: 7, type: 'LATEST' }),
    ).rejects.toMatchObject({
      code: 'not_found',
      message: /shardId-000000000007 .* does not exist/,
    })
    await expect(iterator('nowhere', { type: 'LATEST' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('getRecords', () => {
  it('returns a new iterator each time, also when nothing is there, and leaves the old one usable', async () => {
    await createStream(db, { name: 'again' })
    const first = await iterator('again', { type: 'TRIM_HORIZON' })
    const empty = await getRecords(db, { shardIterator: first })
    expect(empty).toMatchObject({ records: [], millisBehindLatest: 0, childShards: [] })
    expect(empty.nextShardIterator).not.toBe(first)
    await put('again', 'a', 'b')
    expect(await textsFrom(first)).toEqual(['a', 'b'])
    expect(await textsFrom(empty.nextShardIterator ?? '')).toEqual(['a', 'b'])
    expect(await textsFrom(first)).toEqual(['a', 'b'])
  })

  it('says how far behind it is while more is there, and 0 at the tip', async () => {
    await createStream(db, { name: 'behind' })
    await put('behind', 'a', 'b')
    const start = await iterator('behind', { type: 'TRIM_HORIZON' })
    const one = await getRecords(db, { shardIterator: start, limit: 1 })
    const arrived = one.records[0]?.arrivedAt.getTime() ?? 0
    expect(one.millisBehindLatest).toBeGreaterThanOrEqual(0)
    expect(one.millisBehindLatest).toBeLessThanOrEqual(Date.now() - arrived + 1_000)
    const two = await getRecords(db, { shardIterator: one.nextShardIterator ?? '', limit: 1 })
    expect(two).toMatchObject({ millisBehindLatest: 0 })
    expect(two.records.map((record) => record.data.toString())).toEqual(['b'])
  })

  it('ends at a closed shard with its children, and without a next iterator', async () => {
    await createStream(db, { name: 'ended' })
    await put('ended', 'a', 'b')
    const start = await iterator('ended', { type: 'TRIM_HORIZON' })
    const latest = await iterator('ended', { type: 'LATEST' })
    await splitShard(db, { stream: 'ended', shard: 0 })
    await mergeShards(db, { stream: 'ended', shard: 1, adjacentShard: 2 })
    const one = await getRecords(db, { shardIterator: start, limit: 1 })
    expect([one.nextShardIterator, one.childShards]).toEqual([expect.any(String), []])
    for (const shardIterator of [one.nextShardIterator ?? '', latest]) {
      const end = await getRecords(db, { shardIterator })
      expect(end.nextShardIterator).toBeNull()
      expect(end.childShards.map(({ number, parents }) => ({ number, parents }))).toEqual([
        { number: 1, parents: [0] },
        { number: 2, parents: [0] },
      ])
    }
    const merged = await getShardIterator(db, { stream: 'ended', shard: 2, type: 'TRIM_HORIZON' })
    expect((await getRecords(db, { shardIterator: merged })).childShards).toMatchObject([
      { number: 3, parents: [1, 2], hashStart: 0n },
    ])
  })

  it('refuses what is no iterator of this database, and one that is older than five minutes', async () => {
    await createStream(db, { name: 'foreign' })
    const good = await iterator('foreign', { type: 'LATEST' })
    const { rows } = await db.pool.query(
      `select sh.id, value as key from millrace.shard sh join millrace.stream st on st.id = sh.stream_id, millrace.setting
        where st.name = 'foreign' and setting.name = 'iterator_key'`,
    )
    const { id, key } = rows[0]
    const state = { shardId: id, from: 0n, createdMs: Date.now() }
    const flipped = `${good.slice(0, 10)}${good[10] === 'A' ? 'B' : 'A'}${good.slice(11)}`
    for (const bad of [
      '',
      'nonsense',
      flipped,
      `${good}AAAA`,
      encodeIterator(state, 'another database'),
      'x'.repeat(600),
    ])
      await expect(getRecords(db, { shardIterator: bad })).rejects.toMatchObject({
        code: 'invalid_argument',
      })
    const old = encodeIterator({ ...state, createdMs: Date.now() - 301_000 }, key)
    await expect(getRecords(db, { shardIterator: old })).rejects.toMatchObject({
      code: 'iterator_expired',
      message: /tolerated delay of 300000 milliseconds/,
    })
    const nearly = encodeIterator({ ...state, createdMs: Date.now() - 295_000 }, key)
    expect(await textsFrom(nearly)).toEqual([])
    for (const limit of [0, 10_001])
      await expect(getRecords(db, { shardIterator: good, limit })).rejects.toMatchObject({
        code: 'invalid_argument',
      })
    await deleteStream(db, 'foreign')
    await createStream(db, { name: 'foreign' })
    await expect(getRecords(db, { shardIterator: good })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('holds shared reads to five calls and 2 MiB a second where that is switched on', async () => {
    await createStream(db, {
      name: 'limited',
      limitReads: true,
      shards: 2,
      maxRecordBytes: 10_485_760,
    })
    const shardIterator = await iterator('limited', { type: 'TRIM_HORIZON' })
    const read = () => getRecords(db, { shardIterator })
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, () =>
        read().then(
          () => 'read',
          (error) => error.code,
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'read')).toHaveLength(5)
    expect(new Set(outcomes)).toEqual(new Set(['read', 'throughput_exceeded']))
    // Another shard has a budget of its own.
    const other = await getShardIterator(db, { stream: 'limited', shard: 1, type: 'TRIM_HORIZON' })
    await getRecords(db, { shardIterator: other })

    await using producer = createProducer({ ...db, logger })
    await producer.put('limited', [
      { partitionKey: 'k', explicitHashKey: 0n, data: Buffer.alloc(6 * 1024 * 1024) },
    ])
    // As if a second had passed since the calls above.
    await db.pool.query(`update millrace.read_call set at = at - interval '1 second'`)
    expect((await read()).records).toHaveLength(1)
    await db.pool.query(`update millrace.read_call set at = at - interval '1 second'`)
    await expect(read()).rejects.toMatchObject({ code: 'throughput_exceeded', retryable: true })
    await db.pool.query(`update millrace.read_call set at = at - interval '2.1 seconds'`)
    expect((await read()).records).toHaveLength(1)
  })
})

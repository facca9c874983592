import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { evenRanges, hashKeyOf, maxHashKey } from '../../src/log/hash-ring.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { createProducer } from '../../src/log/producer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

async function put(stream: string, keys: readonly string[]): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  const results = await producer.put(
    stream,
    keys.map((partitionKey) => ({ partitionKey, data: Buffer.from(partitionKey) })),
  )
  expect(results.filter((result) => !result.ok)).toEqual([])
}

const openRanges = async (stream: string) =>
  (await describeStream(db, stream)).shards
    .filter((shard) => shard.state === 'open')
    .map(({ hashStart, hashEnd }) => ({ hashStart, hashEnd }))
    .sort((a, b) => (a.hashStart < b.hashStart ? -1 : 1))

const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`)

describe('splitShard', () => {
  it('closes the parent after its last record and sends its keys to two children with greater numbers', async () => {
    await createStream(db, { name: 'split' })
    await put('split', keys)
    expect(await splitShard(db, { stream: 'split', shard: 0 })).toEqual({
      closed: [0],
      opened: [1, 2],
    })
    await put('split', keys)
    expect(await openRanges('split')).toEqual(evenRanges(2))
    const { shards } = await describeStream(db, 'split')
    const [parent, left, right] = shards
    expect(shards.map(({ state, parents, origin }) => ({ state, parents, origin }))).toEqual([
      { state: 'closed', parents: [], origin: 'create' },
      { state: 'open', parents: [0], origin: 'split' },
      { state: 'open', parents: [0], origin: 'split' },
    ])
    expect(left?.createdSeq).toBe((parent?.closedSeq ?? 0n) + 1n)
    expect(right?.createdSeq).toBe(left?.createdSeq)
    const read = await readStream(db, 'split')
    expect(read).toHaveLength(120)
    for (const record of read) {
      const shard = shards[record.shard]
      if (!shard) throw new Error('a record of no shard')
      expect(record.sequence).toBeGreaterThanOrEqual(shard.createdSeq)
      if (shard.closedSeq !== null) expect(record.sequence).toBeLessThanOrEqual(shard.closedSeq)
      const hash = hashKeyOf(record.partitionKey)
      expect(hash >= shard.hashStart && hash <= shard.hashEnd).toBe(true)
    }
  })

  it('splits where it is told to, and nowhere else', async () => {
    await createStream(db, { name: 'split-at', shards: 2 })
    const { hashStart, hashEnd } = evenRanges(2)[1] ?? { hashStart: 0n, hashEnd: 0n }
    const splitAt = (newStartingHashKey: bigint) =>
      splitShard(db, { stream: 'split-at', shard: 1, newStartingHashKey })
    for (const key of [0n, hashStart, hashStart + 1n, hashEnd, maxHashKey + 1n])
      await expect(splitAt(key)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(`got ${key}`),
      })
    await splitAt(hashStart + 2n)
    expect(await openRanges('split-at')).toEqual([
      evenRanges(2)[0],
      { hashStart, hashEnd: hashStart + 1n },
      { hashStart: hashStart + 2n, hashEnd },
    ])
  })

  it('refuses a shard that is closed or unknown, and a stream that is unknown', async () => {
    await createStream(db, { name: 'split-twice' })
    await splitShard(db, { stream: 'split-twice', shard: 0 })
    await expect(splitShard(db, { stream: 'split-twice', shard: 0 })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/shardId-000000000000 .*already been merged or split/),
    })
    await expect(splitShard(db, { stream: 'split-twice', shard: 9 })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(splitShard(db, { stream: 'nowhere', shard: 0 })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await describeStream(db, 'split-twice')).shards).toHaveLength(3)
  })
})

describe('mergeShards', () => {
  it('makes one shard of two neighbours, named in the order of their hash keys', async () => {
    await createStream(db, { name: 'merge', shards: 3 })
    await put('merge', keys)
    for (const [shard, adjacentShard] of [
      [1, 0],
      [0, 2],
      [1, 1],
    ] as const)
      await expect(
        mergeShards(db, { stream: 'merge', shard, adjacentShard }),
      ).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('not an adjacent pair'),
      })
    expect(await mergeShards(db, { stream: 'merge', shard: 0, adjacentShard: 1 })).toEqual({
      closed: [0, 1],
      opened: [3],
    })
    await put('merge', keys)
    const { shards } = await describeStream(db, 'merge')
    expect(shards[3]).toMatchObject({ parents: [0, 1], state: 'open', origin: 'merge' })
    expect(shards[0]?.closedSeq).toBe(shards[1]?.closedSeq)
    expect(await readStream(db, 'merge')).toHaveLength(120)
    await expect(
      mergeShards(db, { stream: 'merge', shard: 0, adjacentShard: 1 }),
    ).rejects.toMatchObject({ message: expect.stringContaining('already been merged') })
  })
})

describe('updateShardCount', () => {
  it('scales to even shards and back, with the records and their order per key', async () => {
    await createStream(db, { name: 'scale', shards: 3 })
    for (const count of [5, 2, 7, 1, 1]) {
      await put('scale', keys)
      await updateShardCount(db, { stream: 'scale', targetShardCount: count })
      expect(await openRanges('scale')).toEqual(evenRanges(count))
    }
    await put('scale', keys)
    const read = await readStream(db, 'scale')
    expect(read).toHaveLength(360)
    const { shards } = await describeStream(db, 'scale')
    for (const shard of shards) expect(shard.parents.length).toBeLessThanOrEqual(2)
    // Numbers grow from parent to child, so a key's records are in order by number alone.
    for (const shard of shards)
      for (const parent of shard.parents)
        expect(shard.createdSeq).toBeGreaterThan(shards[parent]?.closedSeq ?? 0n)
  })

  it('refuses a count that no stream has', async () => {
    await createStream(db, { name: 'too-many' })
    for (const targetShardCount of [0, 501, 1.5])
      await expect(
        updateShardCount(db, { stream: 'too-many', targetShardCount }),
      ).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { type CreateStreamInput, createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { hashKeyOf, maxHashKey } from '../../src/log/hash-ring.ts'
import { createProducer } from '../../src/log/producer.ts'
import { middleOfLoad, splitHotShards } from '../../src/log/split-hot-shards.ts'
import { memoryLogger } from '../embed/memory-logger.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const silent = createLogger({ level: 'silent' })
const whole = { hashStart: 0n, hashEnd: maxHashKey }

/** A stream that took 60 records `agesMs` ago, each time, of the given keys. */
async function streamThatTook(
  name: string,
  input: Partial<CreateStreamInput> & { agesMs: readonly number[]; keys: number },
): Promise<void> {
  const { agesMs, keys, ...settings } = input
  // Long segments, so that what is made older stays in its own.
  await createStream(db, { name, retentionHours: 8_760, shardRecordsPerSecond: 5, ...settings })
  await using producer = createProducer({ ...db, logger: silent })
  const { shards } = await describeStream(db, name)
  for (const ageMs of agesMs) {
    const results = await producer.put(
      name,
      Array.from({ length: 60 }, (_, index) => ({
        partitionKey: `key-${index % keys}`,
        data: Buffer.from('x'),
      })),
    )
    expect(results.every((result) => result.ok)).toBe(true)
    await db.pool.query(
      `update millrace.frame set first_seq = first_seq - $2, last_seq = last_seq - $2 where shard_id = $1 and last_seq > millrace.seq_at(now() - interval '1 s')`,
      [shards[0]?.id, String(BigInt(ageMs) << 22n)],
    )
  }
}

const openShards = async (name: string) =>
  (await describeStream(db, name)).shards.filter((shard) => shard.state === 'open')

describe('splitHotShards', () => {
  const sustained = [25_000, 15_000, 5_000]

  it('splits an on-demand shard that stayed above its rate, where its load is, and says so', async () => {
    await streamThatTook('hot', { agesMs: sustained, keys: 20 })
    const { logger, lines } = memoryLogger()
    expect(await splitHotShards({ ...db, logger })).toBe(1)
    const open = await openShards('hot')
    expect(open.map(({ parents, origin }) => ({ parents, origin }))).toEqual([
      { parents: [0], origin: 'hot' },
      { parents: [0], origin: 'hot' },
    ])
    const owners = Array.from({ length: 20 }, (_, index) => hashKeyOf(`key-${index}`)).map((hash) =>
      open.findIndex((shard) => hash >= shard.hashStart && hash <= shard.hashEnd),
    )
    expect(owners.filter((owner) => owner === 0)).toHaveLength(10)
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'shard.split', stream: 'hot', shard: 0, recordsPerSecond: 6 }),
    )
    expect(await splitHotShards({ ...db, logger: silent })).toBe(0)
  })

  it('leaves a burst, a provisioned stream, and a shard whose load is one key', async () => {
    await streamThatTook('burst', { agesMs: [5_000, 5_001, 4_000], keys: 20 })
    await streamThatTook('provisioned', {
      agesMs: sustained,
      keys: 20,
      mode: 'provisioned',
      shardRecordsPerSecond: 60,
    })
    await streamThatTook('one-key', { agesMs: sustained, keys: 1 })
    const { logger, lines } = memoryLogger()
    expect(await splitHotShards({ ...db, logger })).toBe(0)
    for (const name of ['burst', 'provisioned', 'one-key'])
      expect(await openShards(name)).toHaveLength(1)
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'shard.hot_key', stream: 'one-key' }),
    )
  })
})

describe('middleOfLoad', () => {
  it('halves the load as well as its keys allow, and is a key at which a shard may be split', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 100 }), {
          minKeys: 1,
          maxKeys: 40,
        }),
        (weights) => {
          const load = new Map(Object.entries(weights))
          const total = [...load.values()].reduce((a, b) => a + b, 0)
          const heaviest = Math.max(...load.values())
          const middle = middleOfLoad(load, whole)
          if (middle === null) {
            expect(heaviest > total * 0.8 || load.size === 1).toBe(true)
            return
          }
          const left = [...load]
            .filter(([key]) => hashKeyOf(key) < middle)
            .reduce((sum, [, weight]) => sum + weight, 0)
          expect(left).toBeGreaterThan(0)
          expect(left).toBeLessThan(total)
          expect(Math.abs(total - 2 * left)).toBeLessThanOrEqual(heaviest)
        },
      ),
    )
  })

  it('takes the middle of the hash keys where it knows nothing', () => {
    expect(middleOfLoad(new Map(), whole)).toBe(2n ** 127n)
  })
})

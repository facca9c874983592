import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { mergeShards } from '../../../src/log/merge-shards.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
import { takeLease } from '../../../src/pipeline/scheduling/lease.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

beforeAll(async () => {
  await db.pool.query(`insert into millrace.pipeline (name) values ('p')`)
})

async function put(stream: string): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  const results = await producer.put(
    stream,
    [0n, 2n ** 128n - 1n].map((explicitHashKey) => ({
      partitionKey: 'k',
      data: Buffer.from('x'),
      explicitHashKey,
    })),
  )
  expect(results.every((result) => result.ok)).toBe(true)
}

/** Numbers of the shards that pipeline `p` may work. */
async function work(stream: string): Promise<number[]> {
  await ensureCheckpoints(db, { name: 'p', streams: [stream] })
  const { shards } = await describeStream(db, stream)
  const byId = new Map(shards.map((shard) => [shard.id, shard.number]))
  const found = await findWork(db, ['p'])
  return found.flatMap(({ shardId }) => byId.get(shardId) ?? []).sort()
}

async function finish(stream: string, number: number): Promise<void> {
  await db.pool.query(
    `update millrace.checkpoint
        set seq = (select millrace.last_seq(sh.id))
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where shard_id = sh.id and st.name = $1 and sh.number = $2`,
    [stream, number],
  )
}

describe('findWork', () => {
  it('starts a shard when all that came before it is done, also behind ancestors without a record', async () => {
    await createStream(db, { name: 'ancestors' })
    await put('ancestors')
    // Shard 0 -> 1, 2 -> 3: the two between never had a record.
    await splitShard(db, { stream: 'ancestors', shard: 0 })
    await mergeShards(db, { stream: 'ancestors', shard: 1, adjacentShard: 2 })
    await put('ancestors')
    expect(await work('ancestors')).toEqual([0])
    await finish('ancestors', 0)
    expect(await work('ancestors')).toEqual([3])
    await finish('ancestors', 3)
    expect(await work('ancestors')).toEqual([])
  })

  it('waits for both parents of a merge', async () => {
    await createStream(db, { name: 'both', shards: 2 })
    await put('both')
    await mergeShards(db, { stream: 'both', shard: 0, adjacentShard: 1 })
    await put('both')
    expect(await work('both')).toEqual([0, 1])
    await finish('both', 1)
    expect(await work('both')).toEqual([0])
    await finish('both', 0)
    expect(await work('both')).toEqual([2])
  })

  it('gives each pipeline a turn before any has a second, first the one of which fewest shards are worked', async () => {
    await createStream(db, { name: 'turns', shards: 3 })
    await using producer = createProducer({ ...db, logger })
    await producer.put(
      'turns',
      [0n, 1n, 2n].map((third) => ({
        partitionKey: 'k',
        data: Buffer.from('x'),
        explicitHashKey: (third * 2n ** 128n) / 3n + 1n,
      })),
    )
    await db.pool.query(`insert into millrace.pipeline (name) values ('a'), ('b'), ('c')`)
    for (const name of ['a', 'b', 'c']) await ensureCheckpoints(db, { name, streams: ['turns'] })
    const { shards } = await describeStream(db, 'turns')
    const ids = shards.map(({ id }) => id)
    /** In which shard (0, 1, 2) of which pipeline something happened, and how many minutes ago. */
    const set = async (name: string, shard: number, changes: string) => {
      await db.pool.query(
        `update millrace.checkpoint set ${changes} where pipeline = $1 and shard_id = $2`,
        [name, ids[shard]],
      )
    }
    const order = async () =>
      (await findWork(db, ['a', 'b', 'c'])).map((key) => key.pipeline + ids.indexOf(key.shardId))
    const ago = (minutes: number) => `clock_timestamp() - interval '${minutes} min'`

    for (const shard of [0, 1, 2]) {
      await set('a', shard, `updated_at = ${ago(90 + shard)}`)
      await set('b', shard, `updated_at = ${ago(60 - shard)}`)
      await set('c', shard, `updated_at = ${ago(30)}`)
    }
    expect(await order()).toEqual(['a2', 'b0', 'c0', 'a1', 'b1', 'c1', 'a0', 'b2', 'c2'])

    // What is being worked counts, and so does what was: here its owner dies without a commit.
    const key = { pipeline: 'a', shardId: ids[2] ?? 0 }
    expect(await takeLease(db, key, { owner: 'dies', leaseMs: 60_000 })).toMatchObject({
      taken: true,
    })
    expect(await order()).toEqual(['b0', 'c0', 'b1', 'c1', 'a1', 'b2', 'c2', 'a0'])
    await set('a', 2, 'lease_expires_at = clock_timestamp()')
    expect(await order()).toEqual(['b0', 'c0', 'a1', 'b1', 'c1', 'a0', 'b2', 'c2', 'a2'])
  })
})

import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { mergeShards } from '../../../src/log/merge-shards.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { ensureCheckpoints } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { findWork } from '../../../src/pipeline/scheduling/find-work.ts'
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
})

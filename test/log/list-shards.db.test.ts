import { describe, expect, it } from 'vitest'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { maxHashKey } from '../../src/log/hash-ring.ts'
import { type ListShardsInput, listShards } from '../../src/log/list-shards.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { sequenceAt, timeOfSequence } from '../../src/log/sequence.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const hour = 3_600_000

/** Shards 0, 1; 1 split into 2, 3; 0 and 2 merged into 4: open are 4 and 3. Each step some ms after the last. */
async function lineage(name: string) {
  await createStream(db, { name, shards: 2 })
  await splitShard(db, { stream: name, shard: 1 })
  await mergeShards(db, { stream: name, shard: 0, adjacentShard: 2 })
  return describeStream(db, name)
}

const numbers = async (stream: string, filter?: ListShardsInput['filter']) =>
  (await listShards(db, { stream, filter })).shards.map((shard) => shard.number)

describe('listShards', () => {
  it('lists what each filter names', async () => {
    const { shards } = await lineage('filters')
    const closedAt = (number: number) => timeOfSequence(shards[number]?.closedSeq ?? 0n)
    const justBefore = (date: Date) => new Date(date.getTime() - 1)
    expect(await numbers('filters')).toEqual([0, 1, 2, 3, 4])
    expect(await numbers('filters', { type: 'FROM_TRIM_HORIZON' })).toEqual([0, 1, 2, 3, 4])
    expect(await numbers('filters', { type: 'AT_LATEST' })).toEqual([3, 4])
    expect(await numbers('filters', { type: 'AT_TRIM_HORIZON' })).toEqual([0, 1])
    expect(await numbers('filters', { type: 'AFTER_SHARD_ID', shard: 2 })).toEqual([3, 4])
    expect(await numbers('filters', { type: 'AT_TIMESTAMP', timestamp: new Date(0) })).toEqual([
      0, 1,
    ])
    const splitAt = justBefore(closedAt(1))
    expect(await numbers('filters', { type: 'AT_TIMESTAMP', timestamp: splitAt })).toEqual([0, 1])
    const mergedAt = justBefore(closedAt(2))
    expect(await numbers('filters', { type: 'AT_TIMESTAMP', timestamp: mergedAt })).toEqual([
      0, 2, 3,
    ])
    expect(await numbers('filters', { type: 'FROM_TIMESTAMP', timestamp: mergedAt })).toEqual([
      0, 2, 3, 4,
    ])
    const now = new Date(Date.now() + 60_000)
    expect(await numbers('filters', { type: 'AT_TIMESTAMP', timestamp: now })).toEqual([3, 4])
    expect(await numbers('filters', { type: 'FROM_TIMESTAMP', timestamp: now })).toEqual([3, 4])
  })

  it('covers all hash keys at every moment', async () => {
    const { shards, createdAt } = await lineage('covered')
    const end = Date.now()
    for (let ms = createdAt.getTime() - 5; ms < end; ms += 1) {
      const at = { type: 'AT_TIMESTAMP', timestamp: new Date(ms) } as const
      const found = new Set(await numbers('covered', at))
      const ring = shards
        .filter((shard) => found.has(shard.number))
        .sort((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
      let next = 0n
      for (const shard of ring) {
        expect(shard.hashStart).toBe(next)
        next = shard.hashEnd + 1n
      }
      expect(next).toBe(maxHashKey + 1n)
    }
  })

  it('hands out pages', async () => {
    await lineage('paged')
    const first = await listShards(db, { stream: 'paged', maxResults: 3 })
    expect([first.shards.map((shard) => shard.number), first.hasMoreShards]).toEqual([
      [0, 1, 2],
      true,
    ])
    const rest = await listShards(db, { stream: 'paged', exclusiveStartShard: 2 })
    expect([rest.shards.map((shard) => shard.number), rest.hasMoreShards]).toEqual([[3, 4], false])
  })

  it('forgets a closed shard when its end is behind the retention', async () => {
    await lineage('forgotten')
    const past = (hours: number) => String(sequenceAt(new Date(Date.now() - hours * hour)))
    await db.pool.query(
      `update millrace.shard set created_seq = $1, closed_seq = $2
        where number = 1 and stream_id = (select id from millrace.stream where name = 'forgotten')`,
      [past(30), past(25)],
    )
    expect(await numbers('forgotten')).toEqual([0, 2, 3, 4])
  })

  it('refuses a filter without what it needs', async () => {
    await createStream(db, { name: 'refused' })
    for (const input of [
      { stream: 'refused', filter: { type: 'AT_TIMESTAMP' } },
      { stream: 'refused', filter: { type: 'AT_NIGHT' } },
      { stream: 'refused', maxResults: 10_001 },
      { stream: 'refused', unknown: 1 },
    ])
      await expect(listShards(db, input as ListShardsInput)).rejects.toMatchObject({
        code: 'invalid_argument',
      })
    await expect(listShards(db, { stream: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

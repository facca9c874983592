import { describe, expect, it } from 'vitest'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { testDatabase } from '../support/database.ts'
import { runOrder } from '../support/order-run.ts'

const db = await testDatabase()

/** A transaction of another session that has done `statement` and stays open until `end`. */
async function openTransaction(statement: string) {
  const client = await db.pool.connect()
  await client.query('begin')
  await client.query(statement)
  return async () => {
    await client.query('commit')
    client.release()
  }
}

describe('resharding under fire', () => {
  it('loses, repeats, reorders and misroutes nothing while several processes append, split, merge and scale', async () => {
    let end: (() => Promise<void>) | undefined
    const ledger = await runOrder(db, {
      seconds: 8,
      writers: 3,
      readers: 1,
      seed: 7,
      // An old snapshot, as a dump holds one.
      meanwhile: async () => {
        end = await openTransaction('select count(*) from millrace.frame')
      },
    })
    await end?.()
    const clean = { records: ledger.log.records, duplicated: 0, outOfOrder: 0, misrouted: 0 }
    expect(ledger).toMatchObject({
      log: clean,
      readers: [clean],
      lost: 0,
      invented: 0,
      tiles: true,
    })
    expect(ledger.acked + ledger.unknown).toBeGreaterThan(2_000)
    const done = Object.values(ledger.reshards).reduce((sum, counts) => sum + counts.done, 0)
    expect(done).toBeGreaterThan(5)
  })

  it('lets one reshard of a stream go on at a time: the other is told so', async () => {
    await createStream(db, { name: 'in-use', shards: 2 })
    const end = await openTransaction(
      `select from millrace.stream where name = 'in-use' for no key update`,
    )
    await expect(splitShard(db, { stream: 'in-use', shard: 0 })).rejects.toMatchObject({
      code: 'resource_in_use',
      retryable: true,
    })
    await end()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () =>
        mergeShards(db, { stream: 'in-use', shard: 0, adjacentShard: 1 }),
      ),
    )
    const codes = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? 'merged' : outcome.reason.code,
    )
    expect(codes.filter((code) => code === 'merged')).toHaveLength(1)
    for (const code of codes)
      expect(['merged', 'resource_in_use', 'invalid_argument']).toContain(code)
    expect((await describeStream(db, 'in-use')).shards).toHaveLength(3)
  })

  it('waits for a transaction that has appended, and numbers the children after its record', async () => {
    await createStream(db, { name: 'waits' })
    const end = await openTransaction(
      `select millrace.append('waits', 'k', 'in a transaction'::text)`,
    )
    const splitting = splitShard(db, { stream: 'waits', shard: 0 })
    await untilSomebodyWaits()
    await end()
    await splitting
    const { rows } = await db.pool.query(
      `select r.shard, r.sequence <= sh.closed_seq as inside
         from millrace.records('waits') r
         join millrace.shard sh on sh.number = r.shard
         join millrace.stream st on st.id = sh.stream_id and st.name = 'waits'`,
    )
    expect(rows).toEqual([{ shard: 0, inside: true }])
  })

  it('gives up on a shard that a transaction does not let go, and leaves the stream as it was', async () => {
    await createStream(db, { name: 'held' })
    const end = await openTransaction(`select millrace.append('held', 'k', 'x'::text)`)
    await expect(splitShard(db, { stream: 'held', shard: 0 })).rejects.toMatchObject({
      code: 'conflict',
      retryable: true,
    })
    await end()
    expect((await describeStream(db, 'held')).shards).toHaveLength(1)
    await splitShard(db, { stream: 'held', shard: 0 })
  })
})

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await db.pool.query(
      'select count(*)::int as waiting from pg_locks where not granted',
    )
    if (rows[0].waiting > 0) return
  }
}

import { describe, expect, it } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import { timeOfSequence } from '../../../src/log/sequence.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import { seekPipeline } from '../../../src/pipeline/operations/seek-pipeline.ts'
import { advanceCheckpoint, noProgress } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { testDatabase } from '../../support/database.ts'
import { knownPipeline, leaseOf, put } from './known-pipeline.ts'

const db = await testDatabase()

describe('seekPipeline', () => {
  it('goes behind the newest record and back to the beginning, and says from where to where', async () => {
    const { numbers } = await knownPipeline(db, 'ends', { texts: ['a', 'b'] })
    const last = numbers[1] ?? 0n
    const place = { stream: 'ends', shard: 0 }
    expect(await seekPipeline(db, { name: 'ends', to: 'LATEST' })).toEqual([
      { ...place, from: 0n, to: last },
    ])
    expect(await seekPipeline(db, { name: 'ends', to: 'TRIM_HORIZON' })).toEqual([
      { ...place, from: last, to: 0n },
    ])
  })

  it('fences batches of before, and forgets failures and open windows', async () => {
    const { numbers, shardIds } = await knownPipeline(db, 'fenced', { texts: ['a'] })
    const [shardId = 0] = shardIds
    const lease = await leaseOf(db, 'fenced', shardId)
    await db.pool.query(
      `update millrace.checkpoint
          set failures = 2, failed_to = 9, last_error = 'x', last_error_at = now(), retry_at = now()
        where pipeline = 'fenced'`,
    )
    await db.pool.query(
      `insert into millrace.window_state values ('fenced', $1, 1, now(), now(), '1'), ('other', $1, 1, now(), now(), '1')`,
      [shardId],
    )
    await seekPipeline(db, { name: 'fenced', to: 'TRIM_HORIZON' })
    const advanced = await transaction(db.pool, (client) =>
      advanceCheckpoint(client, lease, { ...noProgress, seq: numbers[0] ?? 0n, leaseMs: 1_000 }),
    )
    expect(advanced).toBe(false)
    const { rows } = await db.pool.query(
      `select seq, owner, failures, failed_to, last_error, last_error_at, retry_at
         from millrace.checkpoint where pipeline = 'fenced'`,
    )
    expect(rows).toEqual([
      {
        seq: '0',
        owner: null,
        failures: 0,
        failed_to: null,
        last_error: null,
        last_error_at: null,
        retry_at: null,
      },
    ])
    const windows = await db.pool.query('select pipeline from millrace.window_state')
    expect(windows.rows).toEqual([{ pipeline: 'other' }])
  })

  it('goes to a moment, and in a shard that ended before it to its end', async () => {
    const { numbers } = await knownPipeline(db, 'timed', { texts: ['a'] })
    const end = numbers[0] ?? 0n
    await splitShard(db, { stream: 'timed', shard: 0 })
    const [later = 0n] = await put(db, 'timed', ['b'])
    const moved = await seekPipeline(db, { name: 'timed', to: timeOfSequence(later) })
    // Both children are here, though no worker has given them a checkpoint.
    expect(moved.map(({ shard, from }) => [shard, from])).toEqual([
      [0, 0n],
      [1, 0n],
      [2, 0n],
    ])
    expect(moved[0]?.to).toBe(end)
    const child = moved.slice(1).map(({ to }) => to)
    expect(child.every((to) => to < later)).toBe(true)

    await expect(
      seekPipeline(db, { name: 'timed', to: new Date(Date.now() + 3_600_000) }),
    ).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('future'),
    })
  })

  it('never goes beyond the last record, though the moment is later', async () => {
    const { numbers } = await knownPipeline(db, 'bounded', { texts: ['a'] })
    const { rows } = await db.pool.query<{ now: Date }>('select clock_timestamp() as now')
    const to = rows[0]?.now ?? new Date(0)
    // Records of the very millisecond of `now` may still come.
    const [moved] = await seekPipeline(db, { name: 'bounded', to })
    expect(moved?.to).toBeLessThanOrEqual(numbers[0] ?? 0n)
  })

  it('moves one shard to a record, and leaves the others', async () => {
    const { numbers } = await knownPipeline(db, 'one', { shards: 2, texts: ['a', 'b'] })
    const [first = 0n, second = 0n] = numbers
    const { rows } = await db.pool.query<{ shard: number }>(
      `select sh.number as shard
         from millrace.shard sh join millrace.stream st on st.id = sh.stream_id
        where st.name = 'one' and millrace.last_seq(sh.id) = $1`,
      [String(second)],
    )
    const shard = rows[0]?.shard ?? 0
    const one = { name: 'one', stream: 'one', shard }
    expect(await seekPipeline(db, { ...one, sequence: second })).toEqual([
      { stream: 'one', shard, from: 0n, to: second - 1n },
    ])
    expect(await seekPipeline(db, { ...one, sequence: first })).toMatchObject([
      { from: second - 1n, to: first - 1n },
    ])
    await expect(seekPipeline(db, { ...one, sequence: second + 1n })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(`up to ${second}`),
    })
    await expect(
      seekPipeline(db, { name: 'one', stream: 'one', shard: 9, to: 'LATEST' }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})

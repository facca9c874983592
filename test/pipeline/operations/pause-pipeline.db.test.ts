import { describe, expect, it } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import { pausePipeline } from '../../../src/pipeline/operations/pause-pipeline.ts'
import { resumePipeline } from '../../../src/pipeline/operations/resume-pipeline.ts'
import { advanceCheckpoint, noProgress } from '../../../src/pipeline/scheduling/checkpoint.ts'
import { takeLease } from '../../../src/pipeline/scheduling/lease.ts'
import { testDatabase } from '../../support/database.ts'
import { knownPipeline, leaseOf, worker } from './known-pipeline.ts'

const db = await testDatabase()

describe('pausePipeline', () => {
  it('takes every lease, so that a batch of before cannot commit, and lets none be taken', async () => {
    const { shardIds, numbers } = await knownPipeline(db, 'paused', { texts: ['a'] })
    const [shardId = 0] = shardIds
    const lease = await leaseOf(db, 'paused', shardId)
    expect(await pausePipeline(db, { name: 'paused' })).toEqual({
      name: 'paused',
      state: 'paused',
      shards: 1,
    })
    const advanced = await transaction(db.pool, (client) =>
      advanceCheckpoint(client, lease, { ...noProgress, seq: numbers[0] ?? 0n, leaseMs: 1_000 }),
    )
    expect(advanced).toBe(false)
    const key = { pipeline: 'paused', shardId }
    expect(await takeLease(db, key, { owner: 'other', leaseMs: 1_000 })).toEqual({ taken: false })
    await expect(pausePipeline(db, { name: 'paused' })).resolves.toMatchObject({ state: 'paused' })

    await resumePipeline(db, { name: 'paused' })
    expect(await takeLease(db, key, { owner: 'other', leaseMs: 1_000 })).toMatchObject({
      taken: true,
      lease: { seq: 0n },
    })
  })

  it('names the pipelines there are when it is asked for another', async () => {
    await expect(pausePipeline(db, { name: 'none' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/"none" does not exist; there are: .*paused/),
    })
  })
})

describe('resumePipeline', () => {
  it('ends the waits for a retry and behind the breaker', async () => {
    await knownPipeline(db, 'waiting')
    await worker(db, 'w1', ['waiting'])
    await worker(db, 'w2', ['waiting'], 60_000)
    await db.pool.query(
      `update millrace.pipeline
          set state = 'paused', breaker = 'open', breaker_until = now() + interval '1 h',
              breaker_failures = 4, breaker_reason = 'down', breaker_since = now()
        where name = 'waiting'`,
    )
    await db.pool.query(
      `update millrace.checkpoint set retry_at = now() + interval '1 h' where pipeline = 'waiting'`,
    )
    expect(await resumePipeline(db, { name: 'waiting' })).toEqual({
      name: 'waiting',
      state: 'running',
      shards: 1,
      workers: 1,
    })
    const { rows } = await db.pool.query(
      `select p.state, breaker, breaker_until, breaker_failures, breaker_reason, breaker_since, retry_at
         from millrace.pipeline p
         join millrace.checkpoint c on c.pipeline = p.name
        where p.name = 'waiting'`,
    )
    expect(rows).toEqual([
      {
        state: 'running',
        breaker: 'closed',
        breaker_until: null,
        breaker_failures: 0,
        breaker_reason: null,
        breaker_since: null,
        retry_at: null,
      },
    ])
  })
})

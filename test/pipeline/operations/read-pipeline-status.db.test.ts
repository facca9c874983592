import { describe, expect, it } from 'vitest'
import { timeOfSequence } from '../../../src/log/sequence.ts'
import { listPipelines } from '../../../src/pipeline/operations/list-pipelines.ts'
import { readPipelineStatus } from '../../../src/pipeline/operations/read-pipeline-status.ts'
import { seekPipeline } from '../../../src/pipeline/operations/seek-pipeline.ts'
import { testDatabase } from '../../support/database.ts'
import { knownPipeline, worker } from './known-pipeline.ts'

const db = await testDatabase()

describe('readPipelineStatus', () => {
  it('says how much is unread, since when, and until when it is kept', async () => {
    const { numbers } = await knownPipeline(db, 'seen', { texts: ['a', 'b', 'c'] })
    const [, second = 0n] = numbers
    await seekPipeline(db, { name: 'seen', stream: 'seen', shard: 0, sequence: second })
    await db.pool.query(
      `update millrace.checkpoint
          set records = 7, batches = 2, filtered = 3, dead = 1, embed_requests = 4, embed_tokens = 50,
              last_error = 'it threw', last_error_at = now(), failures = 2,
              rate_at = clock_timestamp(), rate_records = 100
        where pipeline = 'seen'`,
    )
    await worker(db, 'w1', ['seen'])
    const before = Date.now()
    const status = await readPipelineStatus(db, { name: 'seen' })
    const waited = before - timeOfSequence(second).getTime()
    const { totals, shards } = status
    expect(status).toMatchObject({
      state: 'running',
      replayOf: null,
      revision: 1,
      definition: { streams: ['seen'], steps: ['parse'] },
      breaker: { state: 'closed', since: null, nextProbeAt: null, failures: 0, reason: null },
      workers: [{ id: 'w1', concurrency: 4 }],
      deadLetters: 0,
    })
    expect(totals).toMatchObject({
      shards: 1,
      behind: 2,
      records: 7,
      batches: 2,
      filtered: 3,
      dead: 1,
      embedRequests: 4,
      embedTokens: 50,
      lastError: 'it threw',
    })
    expect(totals.recordsPerSecond).toBeGreaterThan(0)
    expect(totals.iteratorAgeMs).toBeGreaterThanOrEqual(Math.max(0, waited))
    expect((totals.expiresInMs ?? 0) + totals.iteratorAgeMs).toBe(24 * 3_600_000)
    expect(shards).toMatchObject([
      { stream: 'seen', shard: 0, sequence: second - 1n, behind: 2, failures: 2, owner: null },
    ])

    await seekPipeline(db, { name: 'seen', to: 'LATEST' })
    const caughtUp = await readPipelineStatus(db, { name: 'seen' })
    expect(caughtUp.totals).toMatchObject({ behind: 0, iteratorAgeMs: 0, expiresInMs: null })
  })
})

describe('listPipelines', () => {
  it('lists also what no worker has registered, and what none has looked at', async () => {
    await knownPipeline(db, 'fresh', { texts: ['a'] })
    await db.pool.query(`delete from millrace.checkpoint where pipeline = 'fresh'`)
    await db.pool.query(`insert into millrace.pipeline (name, replay_of) values ('copy', 'fresh')`)
    await worker(db, 'w2', ['fresh'])
    const found = await listPipelines(db)
    const named = (name: string) => found.find((one) => one.name === name)
    expect(named('fresh')).toMatchObject({
      state: 'running',
      streams: ['fresh'],
      shards: 1,
      behind: 1,
      breaker: 'closed',
      replayOf: null,
      workers: 1,
      lastError: null,
    })
    // A replay runs where its original does.
    expect(named('copy')).toMatchObject({ streams: null, shards: 0, replayOf: 'fresh', workers: 1 })
  })
})

import type { Pool, PoolClient } from 'pg'
import { expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { startJobRunner } from '../../../src/pipeline/scheduling/job-runner.ts'
import { addShardJobs, shardTaskOf } from '../../../src/pipeline/scheduling/shard-jobs.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

it('takes jobs after the connection was lost while it read what its tasks are called', async () => {
  const lost = failOnce(db.pool, 'as tasks (identifier) select i from unnest')
  const stopping = new AbortController()
  const worked: unknown[] = []
  const runner = await startJobRunner(
    { pool: lost.pool, logger },
    {
      taskList: { [shardTaskOf('logs')]: async (job) => void worked.push(job) },
      concurrency: 2,
      pollMs: 50,
      signal: stopping.signal,
    },
  )
  const job = { pipeline: 'logs', shardId: 1, source: 'logs', turn: 0 }
  await addShardJobs(db, [job])
  await expect.poll(() => worked, { timeout: 15_000 }).toEqual([job])
  expect(lost.failures()).toBe(1)
  stopping.abort()
  await runner.ended
})

/** The same pool, but for the first statement with these words, of a connection that somebody took: it fails as if cut. */
function failOnce(pool: Pool, words: string): { pool: Pool; failures: () => number } {
  let failures = 0
  const failing = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (key === 'query' && failures === 0 && JSON.stringify(args[0]).includes(words)) {
            failures += 1
            return Promise.reject(new Error('Connection terminated unexpectedly'))
          }
          return Reflect.apply(value, target, args)
        }
      },
    })
  const connect = (...args: Parameters<Pool['connect']>) =>
    args.length > 0 ? pool.connect(...args) : pool.connect().then(failing)
  return {
    pool: Object.create(pool, {
      connect: { value: connect },
      query: { value: pool.query.bind(pool) },
    }) as Pool,
    failures: () => failures,
  }
}

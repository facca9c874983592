import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { countBehind } from '../../src/pipeline/lag.ts'
import { logsPipelineName } from '../../src/pipeline/logs-pipeline.ts'
import { testDatabase } from '../support/database.ts'
import { runProcess } from '../support/run-process.ts'

const db = await testDatabase()
const lines = 30_000

describe('a worker whose connections are cut', () => {
  it('goes on in the same process, and makes every line an event exactly once', async () => {
    await createStream(db, { name: 'logs', shards: 4 })
    const producer = createProducer({ ...db, logger: createLogger({ level: 'silent' }) })
    const records = Array.from({ length: lines }, (_, index) => ({
      partitionKey: `key-${index % 50}`,
      data: Buffer.from(
        `2026-11-23T10:00:00Z INFO [web] request ${index} served in ${index % 977} ms`,
      ),
    }))
    for (let at = 0; at < lines; at += 5_000)
      await producer.put('logs', records.slice(at, at + 5_000))
    await producer.stop()

    const worker = runProcess('src/cli/bin.ts', ['worker'], { DATABASE_URL: db.url })
    await expect.poll(worker.errors, { timeout: 30_000, interval: 10 }).toContain('indexing')
    for (let cut = 0; cut < 6; cut += 1) {
      await new Promise((resolve) => setTimeout(resolve, 400))
      await db.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      )
    }
    await expect
      .poll(() => countBehind(db, logsPipelineName), {
        timeout: 60_000,
        interval: 200,
        message: 'lines that are not events yet',
      })
      .toBe(0)
    expect(worker.child.exitCode, worker.errors()).toBeNull()
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)
    const { rows } = await db.pool.query(
      `select count(*)::int as events, count(distinct (shard_id, seq))::int as different,
              (select count(*)::int from millrace.dead_letter) as dead
         from millrace.event`,
    )
    expect(rows[0]).toEqual({ events: lines, different: lines, dead: 0 })
  }, 120_000)
})

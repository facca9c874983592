import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { readLag } from '../../src/pipeline/lag.ts'
import { logsPipelineName } from '../../src/pipeline/logs-pipeline.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'
import { type RunningProcess, runProcess } from '../support/run-process.ts'

const lines = 50_000
const kills = 10

/** Lines of several services and shapes, each of them different. */
function* generate(): Iterable<{ partitionKey: string; data: Buffer }> {
  for (let index = 0; index < lines; index += 1) {
    const service = `service-${index % 8}`
    const text = [
      `2026-11-23T10:00:00.000Z INFO [${service}] request ${index} served in ${index % 977} ms`,
      `2026-11-23T10:00:00.000Z ERROR [${service}] payment for order ord-${index} was declined`,
      JSON.stringify({ level: 'warn', service, msg: `retrying job ${index}`, attempt: index % 5 }),
      `level=info svc=${service} msg="cache miss" key=user:${index}`,
    ][index % 4]
    yield { partitionKey: service, data: Buffer.from(text ?? '') }
  }
}

/** Starts a worker; resolves when it says that it is indexing. */
async function startWorkerProcess(url: string): Promise<RunningProcess> {
  const worker = runProcess('src/cli/bin.ts', ['worker'], { DATABASE_URL: url })
  if (!worker.child.stderr) throw new Error('no stderr')
  for await (const line of createInterface(worker.child.stderr))
    if (line.includes('indexing')) break
  return worker
}

const db = await testDatabase()

describe('the logs pipeline', () => {
  it(`makes every one of ${lines} lines an event exactly once while its worker is killed ${kills} times`, async () => {
    const logger = createLogger({ level: 'silent' })
    await createStream(db, { name: 'logs', shards: 4 })
    const producer = createProducer({ ...db, logger })
    // The lines arrive over the whole time of the kills, so that every one of them finds work under way.
    const appending = (async () => {
      let batch: { partitionKey: string; data: Buffer }[] = []
      for (const record of generate()) {
        batch.push(record)
        if (batch.length < 250) continue
        await producer.put('logs', batch)
        batch = []
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    })()
    let killedAtWork = 0
    for (let kill = 0; kill < kills; kill += 1) {
      const worker = await startWorkerProcess(db.url)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_500))
      const { rows } = await db.pool.query(
        'select 1 from millrace.checkpoint where owner is not null and lease_expires_at > now()',
      )
      if (rows.length > 0) killedAtWork += 1
      worker.child.kill('SIGKILL')
      expect(await worker.exited).toBe('SIGKILL')
    }
    await appending
    await producer.stop()
    const worker = await startWorkerProcess(db.url)
    await expect
      .poll(async () => (await readLag(db, logsPipelineName))[0]?.behind, { timeout: 180_000 })
      .toBe(0)
    worker.child.kill('SIGTERM')
    expect(await worker.exited).toBe(0)

    const { rows } = await db.pool.query(
      'select count(*)::int as events, count(distinct (shard_id, seq))::int as different from millrace.event',
    )
    expect(rows[0]).toEqual({ events: lines, different: lines })
    const log = await readStream(db, 'logs')
    const { rows: events } = await db.pool.query(
      `select sh.number as shard, e.seq from millrace.event e join millrace.shard sh on sh.id = e.shard_id`,
    )
    expect(new Set(events.map((event) => `${event.shard}/${event.seq}`))).toEqual(
      new Set(log.map((record) => `${record.shard}/${record.sequence}`)),
    )
    const { rows: dead } = await db.pool.query('select 1 from millrace.dead_letter')
    expect(dead).toEqual([])
    // A run in which no kill found a lease held would prove nothing.
    expect(killedAtWork).toBeGreaterThanOrEqual(kills / 2)
  }, 600_000)
})

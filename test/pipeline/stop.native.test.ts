import { expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()

it('a stop waits for a sink that waits for a lock no longer than its grace, and leaves the shard to the next', async () => {
  await createStream(db, { name: 'stuck' })
  await db.pool.query('create table stuck (text text)')
  await using producer = createProducer({ ...db, logger })
  await producer.put('stuck', [{ partitionKey: 'k', data: Buffer.from('a') }])
  const pipeline = definePipeline({ name: 'stuck', stream: 'stuck' }).to(
    sink('stuck', async (client) => {
      await client.query(`insert into stuck values ('a')`)
    }),
  )
  const holder = await db.pool.connect()
  await holder.query('begin; lock table stuck in exclusive mode')
  const isWaiting = async () =>
    (
      await db.pool.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).rowCount
  const worker = await startWorker({ ...db, logger }, { pipelines: [pipeline], graceMs: 500 })
  await expect.poll(isWaiting, { timeout: 20_000 }).toBe(1)
  const stopping = performance.now()
  await worker.stop()
  expect(performance.now() - stopping).toBeLessThan(10_000)
  await expect.poll(isWaiting, { timeout: 20_000 }).toBe(0)
  await holder.query('rollback')
  holder.release()
  await using _ = await startWorker({ ...db, logger }, { pipelines: [pipeline] })
  await expect
    .poll(async () => (await db.pool.query('select text from stuck')).rows, { timeout: 20_000 })
    .toEqual([{ text: 'a' }])
})

import { expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'
import { frozenPipeline } from '../support/frozen-pipeline.ts'
import { runProcess } from '../support/run-process.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const written = async () =>
  (await db.pool.query('select text from thawed order by text')).rows.map((row) => row.text)

it('a worker frozen in the middle of a transaction loses its shard within seconds, and commits nothing when it wakes', async () => {
  await db.pool.query('create table thawed (text text)')
  await createStream(db, { name: 'frozen' })
  await using producer = createProducer({ ...db, logger })
  await producer.put('frozen', [{ partitionKey: 'k', data: Buffer.from('a') }])
  const frozen = runProcess('test/support/frozen-process.ts', [db.url])
  const inTransaction = async () =>
    (
      await db.pool.query(
        `select from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction' and query like 'insert into thawed%'`,
      )
    ).rowCount
  await expect.poll(inTransaction, { timeout: 30_000 }).toBe(1)

  await using _ = await startWorker(
    { ...db, logger },
    { pipelines: [frozenPipeline(() => undefined)] },
  )
  await expect.poll(written, { timeout: 30_000, interval: 200 }).toEqual(['a'])
  await producer.put('frozen', [{ partitionKey: 'k', data: Buffer.from('b') }])
  frozen.child.kill('SIGCONT')
  await expect.poll(written, { timeout: 30_000, interval: 200 }).toEqual(['a', 'b'])
  frozen.child.kill('SIGTERM')
  await frozen.exited
  expect(await written()).toEqual(['a', 'b'])
}, 120_000)

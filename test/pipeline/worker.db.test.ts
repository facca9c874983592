import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()

beforeAll(async () => {
  await db.pool.query('create table seen (text text)')
})

/** Writes what it reads. */
const copying = definePipeline({ name: 'copying', streams: 'all' }).to(
  sink('seen', async (client, records) => {
    await client.query('insert into seen select * from unnest($1::text[])', [
      records.map((record) => record.data.toString()),
    ])
  }),
)

const countSeen = async () => {
  const { rows } = await db.pool.query(
    'select count(*)::int as all, count(distinct text)::int as different from seen',
  )
  return rows[0]
}

describe('worker', () => {
  it('processes every record once as it arrives, also of streams that are younger than itself', async () => {
    const worker = await startWorker({ ...db, logger }, { pipelines: [copying], pollMs: 200 })
    await using producer = createProducer({ ...db, logger })
    for (const name of ['young', 'younger']) {
      await createStream(db, { name, shards: 2 })
      for (let round = 0; round < 20; round += 1)
        await producer.put(
          name,
          Array.from({ length: 10 }, (_, index) => ({
            partitionKey: `key-${index}`,
            data: Buffer.from(`${name} ${round} ${index}`),
          })),
        )
    }
    await vi.waitFor(async () => expect(await countSeen()).toEqual({ all: 400, different: 400 }), {
      timeout: 20_000,
    })
    await Promise.all([worker.stop(), worker.stop()])
    expect(await countSeen()).toEqual({ all: 400, different: 400 })
  })

  it('gives its leases back when it stops', async () => {
    const { rows } = await db.pool.query(
      'select 1 from millrace.checkpoint where owner is not null',
    )
    expect(rows).toEqual([])
  })
})

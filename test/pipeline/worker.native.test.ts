import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import { redriveDeadLetters } from '../../src/pipeline/operations/redrive-dead-letters.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { map } from '../../src/pipeline/steps/map.ts'
import { startWorker, type Worker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const producer = createProducer({ ...db, logger })
const keys = Array.from({ length: 64 }, (_, index) => `key-${index}`)
let number = 0
let isAppending = true
let appending: Promise<void>
let isPoisonous = true

/** Writes numbers, in which every repetition shows. */
const ledger = definePipeline({
  name: 'ledger',
  stream: 'spread',
  batch: { records: 100 },
  retry: { attempts: 1 },
})
  .step(
    map((record) => {
      const text = record.data.toString()
      if (isPoisonous && text === '777') throw new Error('seven')
      return text
    }),
  )
  .to(
    sink('ledger', async (client, values) => {
      await client.query('insert into ledger select unnest($1::int[])', [values])
    }),
  )

const start = () =>
  startWorker({ ...db, logger }, { pipelines: [ledger], pollMs: 200, lingerMs: 500 })

/** How many shards each worker holds. */
async function held(...workers: Worker[]): Promise<number[]> {
  const { rows } = await db.pool.query(
    `select owner from millrace.checkpoint
      where pipeline = 'ledger' and owner is not null and lease_expires_at > clock_timestamp()`,
  )
  return workers.map(({ id }) => rows.filter(({ owner }) => owner.startsWith(id)).length)
}

beforeAll(async () => {
  await db.pool.query('create table ledger (number int)')
  await createStream(db, { name: 'spread', shards: 4 })
  appending = (async () => {
    while (isAppending) {
      const records = keys.map((partitionKey) => {
        number += 1
        return { partitionKey, data: Buffer.from(String(number)) }
      })
      for (const result of await producer.put('spread', records)) if (!result.ok) throw result.error
    }
  })()
})

afterAll(async () => {
  isAppending = false
  await appending
  await producer.stop()
})

describe('workers together', () => {
  it('spread the shards evenly, take over from one that stops at once, and do everything once', async () => {
    await using first = await start()
    await vi.waitFor(async () => expect(await held(first)).toEqual([4]), { timeout: 20_000 })
    await using second = await start()
    await vi.waitFor(async () => expect(await held(first, second)).toEqual([2, 2]), {
      timeout: 20_000,
    })
    const stopped = performance.now()
    await first.stop()
    await vi.waitFor(async () => expect(await held(first, second)).toEqual([0, 4]), {
      timeout: 20_000,
    })
    // Given back, not waited for: an expiring lease would be 5 s.
    expect(performance.now() - stopped).toBeLessThan(4_500)

    await splitShard(db, { stream: 'spread', shard: 0 })
    isAppending = false
    await appending
    await vi.waitFor(
      async () => {
        const { rows } = await db.pool.query(
          'select count(*)::int as rows, count(distinct number)::int as numbers from ledger',
        )
        expect(rows[0]).toEqual({ rows: number - 1, numbers: number - 1 })
      },
      { timeout: 60_000, interval: 200 },
    )

    const { rows: letters } = await db.pool.query(
      `select convert_from(data, 'UTF8') as data, step from millrace.dead_letter`,
    )
    expect(letters).toEqual([{ data: '777', step: 'map' }])
    isPoisonous = false
    await redriveDeadLetters(db, { pipeline: 'ledger', all: true })
    await vi.waitFor(
      async () => {
        const { rows } = await db.pool.query(
          'select (select count(*)::int from ledger where number = 777) as written, (select count(*)::int from millrace.dead_letter) as letters',
        )
        expect(rows[0]).toEqual({ written: 1, letters: 0 })
      },
      { timeout: 20_000, interval: 200 },
    )
  }, 120_000)
})

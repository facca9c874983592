import { describe, expect, it } from 'vitest'
import { isMillraceError } from '../../../src/base/errors.ts'
import { createLogger } from '../../../src/base/logger.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { describeStream } from '../../../src/log/describe-stream.ts'
import { createProducer } from '../../../src/log/producer.ts'
import { splitShard } from '../../../src/log/split-shard.ts'
import type { OpenSink } from '../../../src/pipeline/sink.ts'
import { toStream } from '../../../src/pipeline/sinks/to-stream.ts'
import { toTable } from '../../../src/pipeline/sinks/to-table.ts'
import { testDatabase } from '../../support/database.ts'
import { readStream } from '../../support/read-stream.ts'
import { commitBatch, contextFor, contextOf, recordsOf, resourcesOf } from './sink-context.ts'

const db = await testDatabase()
const resources = resourcesOf(db)

/** As the runtime does: again while it is said to help. */
async function commitSomehow<T>(
  sink: OpenSink<T>,
  values: readonly T[],
  context = contextFor(values),
) {
  for (;;) {
    try {
      return await commitBatch(db, sink, values, context)
    } catch (error) {
      if (!isMillraceError(error) || !error.retryable) throw error
    }
  }
}

describe('sinks of several workers', () => {
  it('add to the same rows in any order without waiting in a circle', async () => {
    const sink = toTable<{ k: number; n: number }>({
      table: 'counts',
      columns: { k: 'int', n: 'bigint' },
      key: ['k'],
      onConflict: { add: ['n'] },
    })
    const ascending = Array.from({ length: 200 }, (_, k) => ({ k, n: 1 }))
    const descending = [...ascending].reverse()
    await Promise.all(
      [ascending, descending, ascending, descending].map(async (values) => {
        const open = await sink.open(resources)
        // Not commitSomehow: a deadlock would be one of those that help to try again.
        for (let round = 0; round < 10; round += 1) await commitBatch(db, open, values)
      }),
    )
    const { rows } = await db.pool.query('select count(*), min(n), max(n) from counts')
    expect(rows).toEqual([{ count: '200', min: '40', max: '40' }])
  })

  it('put records into a stream once and in order, among producers and while it is resharded', async () => {
    await createStream(db, { name: 'busy', shards: 4 })
    await using producer = createProducer({ ...db, logger: createLogger({ level: 'silent' }) })
    const work = async (worker: number) => {
      const open = await toStream({ stream: 'busy' }).open(resources)
      for (let round = 0; round < 15; round += 1) {
        const records = recordsOf(
          Array.from({ length: 40 }, (_, i) => `${worker} ${round} ${i}`),
        ).map((record, index) => ({ ...record, partitionKey: `w${worker}-${index % 5}` }))
        await commitSomehow(open, records, contextOf(records, { shardId: worker }))
      }
    }
    const produce = async () => {
      for (let n = 0; n < 300; n += 1)
        await producer.put('busy', [{ partitionKey: `p${n % 9}`, data: Buffer.from(`p 0 ${n}`) }])
    }
    const reshard = async () => {
      for (let n = 0; n < 6; n += 1) {
        const open = (await describeStream(db, 'busy')).shards.filter(
          ({ state }) => state === 'open',
        )
        await splitShard(db, { stream: 'busy', shard: open[n % open.length]?.number ?? 0 })
      }
    }
    await Promise.all([work(1), work(2), work(3), produce(), reshard()])
    const read = await readStream(db, 'busy')
    read.sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
    const texts = read.map(({ data }) => data.toString())
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts).toHaveLength(3 * 15 * 40 + 300)
    for (const group of Object.values(Object.groupBy(read, (record) => record.partitionKey))) {
      const order = group?.map(({ data }) => {
        const [, round, index] = data.toString().split(' ').map(Number)
        return (round ?? 0) * 1_000 + (index ?? 0)
      })
      expect(order).toEqual([...(order ?? [])].sort((a, b) => a - b))
    }
  })
})

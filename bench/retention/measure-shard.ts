import { messageOf } from '../../src/base/errors.ts'
import type { Database } from '../../src/db/open-database.ts'
import { appendFrames } from '../../src/log/append-frames.ts'
import { readRecords } from '../../src/log/read-records.ts'

export const operations = ['append', 'read newest', 'read random', 'read oldest'] as const
export type Operation = (typeof operations)[number]

/** Latencies of each operation in ms, and what failed. */
export interface ShardMeasures {
  seconds: number
  ms: Record<Operation, number[]>
  failures: string[]
}

const keys = Array.from({ length: 20 }, (_, index) => Buffer.from(`key-${index}`))
const data = keys.map((_, index) =>
  Buffer.from(`${index} `.padEnd(200, 'a log line about nothing in particular ')),
)
const bytes = [...keys, ...data].reduce((sum, item) => sum + item.length, 0)

/**
 * Two writers put 20 records of 200 B each, two readers read the newest 100 records, one 100 at a random place of this
 * turn, one the oldest 100 that are kept: where segments go. Every append is acknowledged after its flush.
 */
export async function measureShard(
  db: Database,
  shardId: number,
  seconds: number,
): Promise<ShardMeasures> {
  const ms: ShardMeasures['ms'] = {
    append: [],
    'read newest': [],
    'read random': [],
    'read oldest': [],
  }
  const failures: string[] = []
  let newest = 0n
  const append = async () => {
    const [frame] = await appendFrames(db, [{ shardId, keys, data, bytes }])
    if (!frame) throw new Error('expected the shard to be open')
    newest = frame.first
  }
  await append()
  const begin = newest
  const read = (from: bigint) => readRecords(db, { shardId, from, maxRecords: 100 })
  const readRandom = () => {
    const span = newest - begin
    return read(begin + (span * BigInt(Math.floor(Math.random() * 1e6))) / 1_000_000n)
  }
  const until = performance.now() + seconds * 1000
  const repeat = async (operation: Operation, work: () => Promise<unknown>) => {
    while (performance.now() < until) {
      const started = performance.now()
      try {
        await work()
        ms[operation].push(performance.now() - started)
      } catch (error) {
        failures.push(`${operation}: ${messageOf(error)}`)
      }
    }
  }
  await Promise.all([
    repeat('append', append),
    repeat('append', append),
    repeat('read newest', () => read(newest)),
    repeat('read newest', () => read(newest)),
    repeat('read random', readRandom),
    repeat('read oldest', () => read(0n)),
  ])
  return { seconds, ms, failures }
}

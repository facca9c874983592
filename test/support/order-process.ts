// One process of an order run: `node order-process.ts ROLE URL STREAM NAME SECONDS SEED`. Every role survives an outage.
//
// writer  appends numbered records of its own keys, one put after the other a key, and reshards at random. It prints a line
//         a record: `a SHARD SEQUENCE KEY NUMBER` when it was acknowledged, `u KEY NUMBER` when nobody knows (the database
//         went away in a commit); then `r OPERATION DONE REFUSED` for what it did to the shards.
// reader  follows the whole stream with subscribe() and checks each batch as it comes. The parent's line `N` on stdin says
//         how many records there are; it ends when it has them, or a minute later, and prints its findings as JSON.
import { createInterface } from 'node:readline'
import { backoffMs, wait } from '../../src/base/backoff.ts'
import { isMillraceError } from '../../src/base/errors.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { listShards } from '../../src/log/list-shards.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { createProducer } from '../../src/log/producer.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { subscribe } from '../../src/log/subscribe.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import { createChecker } from './order-checker.ts'

const [role, url = '', stream = '', name = '', seconds = '1', seed = '1'] = process.argv.slice(2)
const logger = createLogger({ level: 'silent' })
const pool = createPool({ logger }, { url, maxConnections: 6 })
const until = performance.now() + Number(seconds) * 1000

/** A small generator, so that a seed repeats the plan. */
let state = Number(seed) * 2_654_435_761
const random = () => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31
  return state / 2 ** 31
}
const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]

const producer = createProducer({ pool, logger }, { lanes: 2 })

/** Appends the records of one key, batch after batch, at most 1,000 a second. */
async function write(key: string): Promise<void> {
  for (let number = 0; performance.now() < until; ) {
    const records = Array.from({ length: 1 + Math.floor(random() * 20) }, (_, index) => ({
      partitionKey: key,
      data: Buffer.from(`${key} ${number + index}`),
    }))
    const results = await producer.put(stream, records).catch(() => null)
    const lines = records.map((record, index) => {
      const result = results?.[index]
      return result?.ok
        ? `a ${result.shard} ${result.sequence} ${record.data}\n`
        : `u ${record.data}\n`
    })
    number += records.length
    process.stdout.write(lines.join(''))
    await wait(results?.every((result) => result.ok) ? records.length : 250)
  }
}

/** What another process' reshard, or an outage, makes of one of ours. */
const expected = [
  'resource_in_use',
  'invalid_argument',
  'conflict',
  'database_unavailable',
] as const

async function reshard(): Promise<void> {
  const tally = new Map<string, { done: number; refused: number }>()
  while (performance.now() < until) {
    await wait(200 + random() * 800)
    const operation = pick(['split', 'split', 'merge', 'merge', 'scale']) ?? 'split'
    const counts = tally.get(operation) ?? { done: 0, refused: 0 }
    tally.set(operation, counts)
    try {
      const { shards } = await listShards({ pool }, { stream, filter: { type: 'AT_LATEST' } })
      const ring = shards.toSorted((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
      const at = Math.floor(random() * ring.length)
      const [shard, adjacent] = [ring[at], ring[at + 1]]
      if (operation === 'split' && shard && ring.length < 16)
        await splitShard({ pool }, { stream, shard: shard.number })
      else if (operation === 'merge' && shard && adjacent)
        await mergeShards({ pool }, { stream, shard: shard.number, adjacentShard: adjacent.number })
      else if (operation === 'scale')
        await updateShardCount({ pool }, { stream, targetShardCount: 1 + Math.floor(random() * 9) })
      else continue
      counts.done += 1
    } catch (error) {
      if (!isMillraceError(error, ...expected)) throw error
      counts.refused += 1
    }
  }
  for (const [operation, { done, refused }] of tally)
    process.stdout.write(`r ${operation} ${done} ${refused}\n`)
}

async function read(): Promise<void> {
  const checker = createChecker()
  const finished = new AbortController()
  let expectedCount = Number.POSITIVE_INFINITY
  createInterface({ input: process.stdin }).once('line', (line) => {
    expectedCount = Number(line)
    if (checker.findings().records >= expectedCount) finished.abort()
    setTimeout(() => finished.abort(), 60_000).unref()
  })
  for (let positions = new Map<number, bigint | null>(); !finished.signal.aborted; ) {
    const startingPosition =
      positions.size === 0
        ? ({ type: 'TRIM_HORIZON' } as const)
        : ({ type: 'POSITIONS', positions: new Map(positions) } as const)
    try {
      const batches = subscribe(
        { pool, logger },
        { stream, startingPosition },
        { signal: finished.signal, pollMs: 200, maxRecords: 500 },
      )
      for await (const batch of batches) {
        positions.set(batch.shard, batch.continuation)
        await checker.check(pool, stream, batch)
        if (checker.findings().records >= expectedCount) finished.abort()
      }
    } catch (error) {
      if (!isMillraceError(error, 'database_unavailable', 'conflict')) throw error
      await wait(backoffMs(2))
    }
  }
  process.stdout.write(`${JSON.stringify(checker.findings())}\n`)
}

if (role === 'reader') await read()
else
  await Promise.all([
    reshard(),
    ...Array.from({ length: 4 }, (_, lane) => write(`${name}.${lane}`)),
  ])
await producer.stop()
await pool.end()
process.stdin.destroy()

import { wait } from '../../src/base/backoff.ts'
import { createLogger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { subscribe } from '../../src/log/subscribe.ts'
import { startWakeHub } from '../../src/log/wake-hub.ts'
import { createBatches, putBy } from '../support/append-load.ts'
import type { BenchLine } from '../support/lines.ts'
import { percentile } from '../support/stats.ts'

export interface Following {
  /** Records a second. */
  appendedRate: number
  /** Of all consumers together, until the last of them has everything. */
  deliveredRate: number
  /** From the put to the consumer, ms. */
  p50: number
  p99: number
  max: number
  /** Records that a consumer did not get, of all consumers. */
  missed: number
}

/** How long the last record may take before it counts as missed. */
const patienceMs = 20_000

/**
 * Consumers follow a new stream of 4 shards while a producer appends, at a pace (20 puts a second) or as fast as 4 puts
 * of 500 in flight go. A record begins with its put's time. Fails when a consumer gets a shard's records out of order.
 */
export async function followBy(
  db: Database,
  options: {
    lines: readonly BenchLine[]
    seconds: number
    consumers: number
    recordsPerSecond: number | undefined
  },
): Promise<Following> {
  const name = 'bench-follow'
  const logger = createLogger({ level: 'error' })
  await createStream(db, { name, shards: 4 })
  await using producer = createProducer({ ...db, logger })
  await using wakes = await startWakeHub({ ...db, logger })
  const stop = new AbortController()
  const counts = new Array<number>(options.consumers).fill(0)
  const latencies: number[] = []
  let began: () => void = () => undefined
  const allBegan = new Promise<void>((resolve) => {
    let left = options.consumers
    began = () => {
      left -= 1
      if (left === 0) resolve()
    }
  })
  let lastDelivery = 0

  const consume = async (consumer: number) => {
    const newest = new Map<number, bigint>()
    const batches = subscribe(
      { ...db, logger, wakes },
      { stream: name, startingPosition: { type: 'TRIM_HORIZON' } },
      { signal: stop.signal },
    )
    let announced = 0
    for await (const { shard, records } of batches) {
      if (records.length === 0) {
        announced += 1
        if (announced === 4) began()
        continue
      }
      const now = performance.now()
      lastDelivery = now
      for (const { sequence, data } of records) {
        if (sequence <= (newest.get(shard) ?? 0n))
          throw new Error(`shard ${shard} gave ${sequence} after ${newest.get(shard)}`)
        newest.set(shard, sequence)
        latencies.push(now - data.readDoubleLE())
      }
      counts[consumer] = (counts[consumer] ?? 0) + records.length
    }
  }
  const consuming = Promise.all(counts.map((_, consumer) => consume(consumer)))
  await Promise.race([allBegan, consuming])

  const started = performance.now()
  const appended = await append(putBy(producer, name), options)
  const appendSeconds = (performance.now() - started) / 1000
  const deadline = performance.now() + patienceMs
  while (counts.some((count) => count < appended) && performance.now() < deadline) await wait(20)
  stop.abort()
  await consuming
  await deleteStream(db, name)
  const delivered = counts.reduce((sum, count) => sum + count, 0)
  latencies.sort((a, b) => a - b)
  return {
    appendedRate: appended / appendSeconds,
    deliveredRate: delivered / ((lastDelivery - started) / 1000),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    max: latencies.at(-1) ?? Number.NaN,
    missed: appended * options.consumers - delivered,
  }
}

/** Returns how many were appended. */
async function append(
  put: ReturnType<typeof putBy>,
  options: {
    lines: readonly BenchLine[]
    seconds: number
    recordsPerSecond: number | undefined
  },
): Promise<number> {
  const { lines, seconds, recordsPerSecond } = options
  const putsPerSecond = 20
  const size = recordsPerSecond === undefined ? 500 : recordsPerSecond / putsPerSecond
  const nextBatch = createBatches(lines, size)
  const started = performance.now()
  const until = started + seconds * 1000
  let appended = 0
  const putOne = async () => {
    const stamp = Buffer.alloc(8)
    stamp.writeDoubleLE(performance.now())
    const batch = nextBatch().map((line) => ({ ...line, data: Buffer.concat([stamp, line.data]) }))
    await put(batch)
    appended += size
  }
  if (recordsPerSecond === undefined) {
    const send = async () => {
      while (performance.now() < until) await putOne()
    }
    await Promise.all(Array.from({ length: 4 }, send))
    return appended
  }
  const puts: Promise<void>[] = []
  for (let tick = 1; performance.now() < until; tick += 1) {
    puts.push(putOne())
    await wait(Math.max(0, started + (tick * 1000) / putsPerSecond - performance.now()))
  }
  await Promise.all(puts)
  return appended
}

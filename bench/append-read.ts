// Appends and bulk reads 500-record batches of ~300 B and prints records/s, on DATABASE_URL or the embedded engine in a
// temporary folder: `node bench/append-read.ts [records]`. Shards 4, in flight 4, an ack means durable.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/base/config.ts'
import { createLogger } from '../src/base/logger.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { readRecords } from '../src/log/read-records.ts'

const total = Number(process.argv[2] ?? 200_000)
const batchSize = 500
const inFlight = 4
const name = 'bench-append-read'

function line(index: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      date: 1_763_912_345.123 + index,
      log: `2026-11-23 10:00:${index % 60} INFO request ${index} handled in ${index % 977} ms path=/api/orders/${(index * 7919) % 100_003}`,
      stream: 'stderr',
      kubernetes: {
        pod_name: 'checkout-7d9f8b6c5d-x2k4q',
        namespace_name: 'prod',
        container_name: 'checkout',
        host: 'ip-10-0-3-17',
        labels: { app: 'checkout' },
      },
    }),
  )
}

const logger = createLogger({ level: 'warn' })
const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
const database = await openDatabase({ logger }, { databaseUrl: loadConfig().databaseUrl, dir })
try {
  await createStream(database, { name, shards: 4 })
  const batches = Array.from({ length: total / batchSize }, (_, batch) =>
    Array.from({ length: batchSize }, (_, index) => ({
      partitionKey: `key-${(batch * batchSize + index) % 97}`,
      data: line(batch * batchSize + index),
    })),
  )
  const bytes = batches[0]?.[0]?.data.length ?? 0
  const producer = createProducer({ ...database, logger }, { lanes: 4 })
  const appendStarted = performance.now()
  let next = 0
  const write = async () => {
    for (let batch = batches[next++]; batch; batch = batches[next++])
      for (const result of await producer.put(name, batch)) if (!result.ok) throw result.error
  }
  await Promise.all(Array.from({ length: inFlight }, write))
  const appendSeconds = (performance.now() - appendStarted) / 1000
  await producer.stop()

  const { shards } = await describeStream(database, name)
  const readStarted = performance.now()
  let read = 0
  for (const shard of shards)
    for (let from = 0n; ; ) {
      const result = await readRecords(database, { shardId: shard.id, from })
      if (result.records.length === 0) break
      read += result.records.length
      from = result.next
    }
  const readSeconds = (performance.now() - readStarted) / 1000
  const rate = (count: number, seconds: number) => Math.round(count / seconds).toLocaleString('en')
  console.log(
    `${database.engine}: ${total} records of ~${bytes} B: append ${rate(total, appendSeconds)}/s, read ${rate(read, readSeconds)}/s (${read} read)`,
  )
  await deleteStream(database, name)
} finally {
  await database.close()
  await rm(dir, { recursive: true, force: true })
}

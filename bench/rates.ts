// What the rates of a stream do: `DATABASE_URL=... node bench/rates.ts [--seconds 30]`.
// (a) A provisioned stream of two shards is offered three times its rate (records of 100 B, then of 10 KB): accepted and
//     refused a second and shard, and the most that any window of a second holds, read back from the log.
// (b) An on-demand stream of one shard is offered what one producer gives, with a worker beside it as in production: when
//     it split, and what was accepted a second before and after.
import { parseArgs } from 'node:util'
import { wait } from '../src/base/backoff.ts'
import { createLogger } from '../src/base/logger.ts'
import { createStream } from '../src/log/create-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { readRecords } from '../src/log/read-records.ts'
import { timeOfSequence } from '../src/log/sequence.ts'
import { startWorker } from '../src/pipeline/worker.ts'
import { scratchDatabase } from './scratch-database.ts'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
const logger = createLogger({ level: 'warn' })
await using db = await scratchDatabase()
await using producer = createProducer({ ...db, logger })

async function provisioned(name: string, bytes: number, offeredPerSecond: number): Promise<void> {
  await createStream(db, { name, mode: 'provisioned', shards: 2 })
  const data = Buffer.alloc(bytes - 1, 'x')
  const accepted = [0, 0]
  const refused = [0, 0]
  const started = performance.now()
  for (let tick = 1; tick <= seconds * 20; tick += 1) {
    const records = Array.from({ length: offeredPerSecond / 20 }, () => ({
      partitionKey: 'k',
      data,
    }))
    for (const shard of [0, 1]) {
      const explicitHashKey = shard === 0 ? 0n : 2n ** 128n - 1n
      void producer
        .put(
          name,
          records.map((record) => ({ ...record, explicitHashKey })),
        )
        .then((results) => {
          const ok = results.filter((result) => result.ok).length
          accepted[shard] = (accepted[shard] ?? 0) + ok
          refused[shard] = (refused[shard] ?? 0) + results.length - ok
        })
    }
    await wait(Math.max(0, started + tick * 50 - performance.now()))
  }
  await wait(1_000)
  for (const shard of (await describeStream(db, name)).shards) {
    const times: { ms: number; bytes: number }[] = []
    for (let from = 0n; ; ) {
      const read = await readRecords(db, { shardId: shard.id, from })
      if (read.records.length === 0) break
      for (const record of read.records)
        times.push({ ms: Number(record.sequence >> 22n), bytes: record.data.length + 1 })
      from = read.next
    }
    let most = { records: 0, bytes: 0 }
    let begin = 0
    let sum = 0
    for (const [end, { ms, bytes: size }] of times.entries()) {
      sum += size
      while ((times[begin]?.ms ?? 0) <= ms - 1_000) {
        sum -= times[begin]?.bytes ?? 0
        begin += 1
      }
      most = { records: Math.max(most.records, end - begin + 1), bytes: Math.max(most.bytes, sum) }
    }
    const perSecond = Map.groupBy(times, ({ ms }) => Math.floor(ms / 1_000))
    const whole = [...perSecond.values()].slice(1, -1).map((items) => items.length)
    console.log(
      `${name}, shard ${shard.number}: offered ${offeredPerSecond}/s of ${bytes} B; accepted ${accepted[shard.number]} (${Math.min(...whole)}-${Math.max(...whole)} a clock second), refused ${refused[shard.number]}; most in any second: ${most.records} records, ${most.bytes} bytes`,
    )
  }
}

async function onDemand(): Promise<void> {
  const name = 'on-demand'
  await createStream(db, { name })
  await using _worker = await startWorker({ ...db, logger }, { pipelines: [] })
  let done = false
  let accepted = 0
  let refused = 0
  const write = async (writer: number) => {
    for (let batch = 0; !done; batch += 1) {
      const records = Array.from({ length: 500 }, (_, index) => ({
        partitionKey: `host-${(writer * 7 + batch * 3 + index) % 200}`,
        data: Buffer.from(`${batch} ${index} GET /api/orders took 12 ms`),
      }))
      for (const result of await producer.put(name, records))
        if (result.ok) accepted += 1
        else refused += 1
    }
  }
  const writing = Promise.all([0, 1].map(write))
  const started = performance.now()
  let before = 0
  for (let splits = 0; splits < 2 && performance.now() - started < 200_000; ) {
    await wait(5_000)
    const { shards } = await describeStream(db, name)
    const open = shards.filter((shard) => shard.state === 'open')
    console.log(
      `on-demand, ${Math.round((performance.now() - started) / 1000)} s: ${open.length} open shards, ${Math.round((accepted - before) / 5)} accepted/s, ${refused} refused`,
    )
    before = accepted
    splits = new Set(
      shards
        .filter((shard) => shard.origin === 'hot')
        .map((shard) => timeOfSequence(shard.createdSeq).getTime()),
    ).size
  }
  done = true
  await writing
}

await provisioned('by-records', 100, 3_000)
await provisioned('by-bytes', 10_240, 300)
await onDemand()

// What coalescing is worth: many callers of one producer, each putting one record and waiting for its acknowledgement
// before the next one, against one transaction a record. Callers are in the producer's own process, as in a server that
// takes requests; there are as many partition keys as callers.
import { createLogger } from '../src/base/logger.ts'
import type { Database } from '../src/db/open-database.ts'
import { appendFrames } from '../src/log/append-frames.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { type AppendLoad, appendLoad, putBy, summarize } from './support/append-load.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { spread } from './support/stats.ts'
import { watchMemory } from './support/watch-memory.ts'

interface Contender {
  name: string
  callers: number
  shards: number
  /** Of the producer; undefined is its default, null stands for no producer at all. */
  lanes: number | undefined | null
}

const callerCounts = [256, 4096]
const contenders: Contender[] = [
  { name: 'no coalescing, 16 connections', callers: 16, shards: 4, lanes: null },
  ...callerCounts.flatMap((callers) => [
    { name: `${callers} callers`, callers, shards: 4, lanes: undefined },
    { name: `${callers} callers, 2 lanes`, callers, shards: 4, lanes: 2 },
    { name: `${callers} callers, 4 lanes`, callers, shards: 4, lanes: 4 },
    { name: `${callers} callers, 16 shards`, callers, shards: 16, lanes: undefined },
  ]),
]

interface Measured extends ReturnType<typeof summarize> {
  perTransaction: number
  clientMib: number
  serverMib: number
}

export const benchmark: Benchmark = {
  about: 'many callers with one record each against a transaction a record',
  needs: 'server',
  seconds: 3,
  rounds: 3,
  run: async (options) => {
    await using db = await scratchDatabase({ maxConnections: 16 })
    const rounds: Rounds<Measured> = new Map()
    for (let round = 1; round <= options.rounds; round += 1) {
      options.note(`round ${round} of ${options.rounds}`)
      for (const contender of contenders)
        addRound(rounds, contender.name, await measure(db, contender, options))
    }
    return toReport(await serverFacts(db.pool), rounds)
  },
}

async function measure(
  db: Database,
  contender: Contender,
  { lines, seconds }: BenchmarkOptions,
): Promise<Measured> {
  const stream = 'bench-coalesce'
  const { callers, shards, lanes } = contender
  await createStream(db, { name: stream, shards })
  await db.pool.query('checkpoint')
  const load = { lines: lines.map(withCallersKey(callers)), batch: 1, inFlight: callers }
  using memory = await watchMemory(db.pool)
  let found: AppendLoad
  if (lanes === null) {
    const put = await putAlone(db, stream)
    await appendLoad(put, { ...load, seconds: 0.2 })
    found = await appendLoad(put, { ...load, seconds })
  } else {
    const logger = createLogger({ level: 'warn' })
    await using producer = createProducer({ ...db, logger }, lanes === undefined ? {} : { lanes })
    const put = putBy(producer, stream)
    await appendLoad(put, { ...load, seconds: 0.2 })
    found = await appendLoad(put, { ...load, seconds })
  }
  // Transactions, by those that wrote the frames: a frame's row says which one.
  const { rows } = await db.pool.query<{ records: string; transactions: string }>(
    `select sum(last_seq - first_seq + 1) as records,
            count(distinct xmin::text) as transactions
       from millrace.frame`,
  )
  await deleteStream(db, stream)
  const [counted] = rows
  return {
    ...summarize(found),
    perTransaction: Number(counted?.records) / Number(counted?.transactions),
    clientMib: memory.clientMib(),
    serverMib: memory.serverMib(),
  }
}

const withCallersKey =
  (callers: number) =>
  <T extends object>(line: T, index: number) => ({
    ...line,
    partitionKey: `caller-${index % callers}`,
  })

/** One record, one frame, one transaction, and as many of them at a time as the pool has connections. */
async function putAlone(db: Database, stream: string) {
  const shards = (await describeStream(db, stream)).shards.map((shard) => shard.id)
  let turn = 0
  return async (batch: readonly { partitionKey: string; data: Buffer }[]) => {
    turn += 1
    const keys = batch.map((record) => Buffer.from(record.partitionKey))
    const data = batch.map((record) => record.data)
    const bytes = [...keys, ...data].reduce((sum, item) => sum + item.length, 0)
    const shardId = shards[turn % shards.length] ?? 0
    const [frame] = await appendFrames(db, [{ shardId, keys, data, bytes }])
    if (!frame) throw new Error('expected the shard to be open')
    return []
  }
}

function toReport(versions: Record<string, string>, rounds: Rounds<Measured>): Report {
  const alone = rounds.get('no coalescing, 16 connections')
  const figures: Report['figures'] = {}
  for (const callers of callerCounts) {
    const found = rounds.get(`${callers} callers`)
    figures[`acked/s at ${callers}`] = {
      value: mid(found, ({ rate }) => rate),
      unit: 'records/s',
      better: 'more',
    }
    figures[`p99 ms at ${callers}`] = {
      value: mid(found, ({ p99 }) => p99),
      unit: 'ms',
      better: 'less',
    }
    figures[`times no coalescing at ${callers}`] = {
      value: mid(found, ({ rate }) => rate) / mid(alone, ({ rate }) => rate),
      unit: 'x',
      better: 'more',
    }
  }
  return {
    title: 'Coalescing',
    tables: [
      {
        title: 'records of one caller each, acknowledged when flushed to disk',
        columns: [
          'contender',
          'acked/s',
          'spread',
          'p50 ms',
          'p99 ms',
          'max ms',
          'records a transaction',
          'client peak MiB',
          'server peak MiB',
        ],
        rows: Array.from(rounds, ([name, values]) => [
          name,
          mid(values, ({ rate }) => rate),
          spread(values.map(({ rate }) => rate)),
          mid(values, ({ p50 }) => p50),
          mid(values, ({ p99 }) => p99),
          Math.max(...values.map(({ max }) => max)),
          mid(values, ({ perTransaction }) => perTransaction),
          Math.max(...values.map(({ clientMib }) => clientMib)),
          Math.max(...values.map(({ serverMib }) => serverMib)),
        ]),
      },
    ],
    figures,
    versions,
    remarks: [
      '4 shards and the producer as it comes (one lane), unless the row says otherwise.',
      'Callers, producer and driver share one Node thread: at 4,096 callers that thread is the limit, and its queue is the latency.',
      'Without coalescing every record is a frame of its own: more latency of the disk, and many times the storage for a record.',
    ],
  }
}

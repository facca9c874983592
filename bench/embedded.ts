// The embedded engine: PostgreSQL as WebAssembly in a thread of this process, on a folder. It runs one statement at a
// time and never calls fsync, so its rates say nothing about a server's, and an acknowledgement survives the process but
// not the power. The limit beside it is the same records as rows, by one insert of arrays a put.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '../src/base/logger.ts'
import { type Database, openDatabase } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { readRecords } from '../src/log/read-records.ts'
import { appendLoad, type PutBatch, putBy, summarize } from './support/append-load.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { bulkRead } from './support/bulk-read.ts'
import { encodeBinaryArray } from './support/encode-binary-array.ts'
import { peakRss } from './support/memory.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { spread } from './support/stats.ts'
import { watchMemory } from './support/watch-memory.ts'

const stream = 'bench-embedded'
const budgetPerSecond = 100_000

interface Measured {
  rate: number
  p50: number
  p99: number
  max: number
  rssMib: number
}

const names = {
  append: 'append, 500 a put, 4 in flight',
  rows: 'rows, insert of unnest, 500 a put, 4 in flight',
  read: 'bulk read, 1 reader',
  single: 'append, 1 a put, 256 callers',
} as const

export const benchmark: Benchmark = {
  about: 'append, read and coalesced single records on the embedded engine',
  needs: 'embedded',
  seconds: 4,
  rounds: 3,
  run: async (options) => {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
    const logger = createLogger({ level: 'warn' })
    const db = await openDatabase({ logger }, { databaseUrl: undefined, dir })
    try {
      await db.pool.query(
        `create table bench_row (shard int, seq bigint generated always as identity, partition_key text not null,
                                 data bytea not null, arrived_at timestamptz not null, primary key (shard, seq))`,
      )
      const rounds: Rounds<Measured> = new Map()
      for (let round = 1; round <= options.rounds; round += 1) {
        options.note(`round ${round} of ${options.rounds}`)
        await measure(db, options, rounds)
      }
      const { rows } = await db.pool.query<{ version: string }>(
        `select current_setting('server_version') as version`,
      )
      return toReport(rows[0]?.version ?? '', rounds)
    } finally {
      await db.close()
      await rm(dir, { recursive: true, force: true })
    }
  },
}

async function measure(
  db: Database,
  { lines, seconds }: BenchmarkOptions,
  rounds: Rounds<Measured>,
): Promise<void> {
  const logger = createLogger({ level: 'warn' })
  await createStream(db, { name: stream, shards: 4 })
  await using producer = createProducer({ ...db, logger })
  const put = putBy(producer, stream)
  const load = async (name: string, by: PutBatch, shape: { batch: number; inFlight: number }) => {
    using memory = await watchMemory(db.pool)
    const found = summarize(await appendLoad(by, { lines, seconds, ...shape }))
    addRound(rounds, name, { ...found, rssMib: memory.clientMib() })
  }
  await load(names.append, put, { batch: 500, inFlight: 4 })
  const shards = (await describeStream(db, stream)).shards.map((shard) => shard.id)
  {
    using memory = await watchMemory(db.pool)
    const rate = await bulkRead((shardId, from) => readRecords(db, { shardId, from }), {
      shards,
      readers: 1,
      seconds,
    })
    const none = Number.NaN
    const rssMib = memory.clientMib()
    addRound(rounds, names.read, { rate, p50: none, p99: none, max: none, rssMib })
  }
  await load(names.single, put, { batch: 1, inFlight: 256 })
  await deleteStream(db, stream)
  await load(names.rows, insertRows(db), { batch: 500, inFlight: 4 })
  await db.pool.query('truncate bench_row')
}

/** The same records as rows; all of one put go to one shard, which is more than fair. */
function insertRows(db: Database): PutBatch {
  let turn = 0
  return async (batch) => {
    turn += 1
    await db.pool.query({
      name: 'bench.insert_rows',
      text: `insert into bench_row (shard, partition_key, data, arrived_at)
             select $1::int, key, payload, clock_timestamp()
               from unnest($2::text[], $3::bytea[]) as record (key, payload)`,
      values: [
        turn % 4,
        encodeBinaryArray(
          batch.map((line) => Buffer.from(line.partitionKey)),
          'text',
        ),
        encodeBinaryArray(
          batch.map((line) => line.data),
          'bytea',
        ),
      ],
    })
    return []
  }
}

function toReport(version: string, rounds: Rounds<Measured>): Report {
  const rateOf = (name: string) => mid(rounds.get(name), ({ rate }) => rate)
  const appended = rateOf(names.append)
  const verdict = appended >= budgetPerSecond ? 'within' : 'BELOW'
  const figure = (value: number, unit = 'records/s') => ({ value, unit, better: 'more' as const })
  return {
    title: 'The embedded engine',
    tables: [
      {
        title: 'one process: the engine in a thread, everything else in another',
        columns: ['contender', 'records/s', 'spread', 'p50 ms', 'p99 ms', 'max ms', 'peak RSS MiB'],
        rows: Array.from(rounds, ([name, values]) => [
          name,
          mid(values, ({ rate }) => rate),
          spread(values.map(({ rate }) => rate)),
          mid(values, ({ p50 }) => p50),
          mid(values, ({ p99 }) => p99),
          Math.max(...values.map(({ max }) => max)),
          Math.max(...values.map(({ rssMib }) => rssMib)),
        ]),
      },
    ],
    figures: {
      'records/s appended': figure(appended),
      'append to rows by unnest': figure(appended / rateOf(names.rows), 'x'),
      'records/s read': figure(rateOf(names.read)),
      'acked/s at 256': figure(rateOf(names.single)),
    },
    versions: { 'PostgreSQL (embedded)': version },
    remarks: [
      `Appending is ${verdict} the budget of ${budgetPerSecond.toLocaleString('en')} records/s.`,
      'The engine calls no fsync: what is acknowledged survives the death of the process, not the loss of power.',
      `RSS is the whole process', the engine's thread and memory included; with making and opening the folder it had at most ${peakRss().toFixed(0)} MiB.`,
    ],
  }
}

// Times the ten queries of docs/sql.md, as they stand there. Fills stream 'logs' (4 shards) of a database of its own with
// 5,000,000 JSON log lines of 250-300 B (MILLRACE_BENCH_SQL_RECORDS=100000 for fewer), whose keys are skewed over 1,000,
// and runs each query once a round. All records arrive within a minute or two, so a query over the last hour, or over the
// last 15 minutes, reads every one of them. They are not the other benchmarks' lines: the queries look into their JSON.
import type { Pool } from 'pg'
import { createLogger } from '../src/base/logger.ts'
import { createStream } from '../src/log/create-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { readSqlQueries } from '../test/docs/sql-queries.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { createRandom } from './support/lines.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { spread } from './support/stats.ts'
import { watchMemory } from './support/watch-memory.ts'

const stream = 'logs'
const batchSize = 500
const inFlight = 8

interface Timed {
  ms: number
  rows: number
}

export const benchmark: Benchmark = {
  about: 'the ten queries of docs/sql.md over millions of records',
  needs: 'server',
  seconds: 1,
  rounds: 3,
  run: async ({ rounds, note }) => {
    const total = Number(process.env.MILLRACE_BENCH_SQL_RECORDS ?? 5_000_000)
    if (!Number.isInteger(total) || total < 1)
      throw new Error(`expected MILLRACE_BENCH_SQL_RECORDS to be a count of records, got ${total}`)
    await using db = await scratchDatabase()
    using memory = await watchMemory(db.pool)
    const started = performance.now()
    const bytes = await fill(db, total, note)
    const seconds = (performance.now() - started) / 1_000
    await db.pool.query(
      `insert into millrace.checkpoint (pipeline, shard_id, seq)
       select 'bench', id, millrace.last_seq(id) from millrace.shard where number > 0`,
    )
    await db.pool.query('vacuum analyze')
    const { rows } = await db.pool.query<{ frames: string }>(
      'select sum(frames) as frames from millrace.stream_stats($1)',
      [stream],
    )
    const queries = await readSqlQueries()
    const times: Rounds<Timed> = new Map()
    for (let round = 1; round <= rounds; round += 1) {
      note(`round ${round} of ${rounds}`)
      for (const { title, text } of queries) {
        const began = performance.now()
        const found = (await db.pool.query(text)).rows.length
        addRound(times, title, { ms: performance.now() - began, rows: found })
      }
    }
    const peaks = [memory.clientMib(), memory.serverMib()]
    const filled = { total, bytes, seconds, frames: Number(rows[0]?.frames) }
    return toReport(await serverFacts(db.pool), times, filled, peaks)
  },
}

const levels = ['info', 'info', 'info', 'info', 'debug', 'debug', 'warn', 'error'] as const
const routes = ['/api/orders', '/api/carts', '/api/payments', '/api/users', '/health'] as const
const messages = {
  debug: 'cache lookup finished without a fresh entry',
  info: 'request handled',
  warn: 'upstream answered slowly, one retry was made',
  error: 'payment declined: upstream timed out',
} as const

const random = createRandom(1)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T

/** The cube makes order-0 a tenth of all records, and the rarer half of the keys a fifth of them together. */
const partitionKey = () => `order-${Math.floor(1_000 * random() ** 3)}`

function line(index: number): Buffer {
  const level = pick(levels)
  return Buffer.from(
    JSON.stringify({
      time: new Date(1_795_000_000_000 + index).toISOString(),
      level,
      service: 'checkout',
      pod: `checkout-7d9f8b6c5d-${index % 12}`,
      host: `ip-10-0-${index % 4}-17`,
      method: 'POST',
      path: `${pick(routes)}/${Math.floor(random() * 100_000)}`,
      status: level === 'error' ? 504 : 200,
      duration_ms: Math.floor(random() * 900),
      trace_id: Math.floor(random() * 2 ** 52).toString(16),
      msg: messages[level],
    }),
  )
}

/** Returns the bytes that were put. */
async function fill(
  deps: { pool: Pool },
  total: number,
  note: BenchmarkOptions['note'],
): Promise<number> {
  await createStream(deps, { name: stream, shards: 4 })
  const logger = createLogger({ level: 'warn' })
  await using producer = createProducer({ ...deps, logger }, { lanes: 4 })
  let next = 0
  let bytes = 0
  const write = async () => {
    while (next < total) {
      const first = next
      next = Math.min(total, first + batchSize)
      if (first % 1_000_000 === 0) note(`filling, ${first / 1e6} of ${total / 1e6} million`)
      const records = Array.from({ length: next - first }, (_, index) => ({
        partitionKey: partitionKey(),
        data: line(first + index),
      }))
      for (const record of records) bytes += record.data.length
      for (const result of await producer.put(stream, records)) if (!result.ok) throw result.error
    }
  }
  await Promise.all(Array.from({ length: inFlight }, write))
  return bytes
}

function toReport(
  versions: Record<string, string>,
  times: Rounds<Timed>,
  filled: { total: number; bytes: number; seconds: number; frames: number },
  [clientMib = Number.NaN, serverMib = Number.NaN]: readonly number[],
): Report {
  const count = (value: number) => Math.round(value).toLocaleString('en')
  const { total, bytes, seconds, frames } = filled
  const middles = Array.from(times.values(), (values) => mid(values, ({ ms }) => ms))
  return {
    title: 'SQL',
    tables: [
      {
        title: `${count(total)} records of ${count(bytes / total)} B in ${count(frames)} frames`,
        columns: ['query', 'median ms', 'spread', 'rows'],
        rows: Array.from(times, ([title, values]) => [
          title,
          mid(values, ({ ms }) => ms),
          spread(values.map(({ ms }) => ms)),
          mid(values, ({ rows }) => rows),
        ]),
      },
    ],
    figures: {
      'all ten queries ms': {
        value: middles.reduce((sum, ms) => sum + ms, 0),
        unit: `ms for ${count(total)} records`,
        better: 'less',
      },
      'the slowest query ms': {
        value: Math.max(...middles),
        unit: `ms for ${count(total)} records`,
        better: 'less',
      },
    },
    versions,
    remarks: [
      `Written in ${seconds.toFixed(0)} s (${count(total / seconds)}/s), this process making the lines meanwhile.`,
      'All of them are minutes old: "the last hour" and "the last 15 minutes" are every record of the stream.',
      `Peak memory: client ${clientMib.toFixed(0)} MiB, server ${serverMib.toFixed(0)} MiB. --seconds has no effect: a round runs each query once.`,
    ],
  }
}

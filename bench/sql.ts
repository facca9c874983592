// Times the ten queries of docs/sql.md, as they stand there: `DATABASE_URL=... node bench/sql.ts [--records 5000000]`.
// Fills stream 'logs' (4 shards) of a database of its own with JSON log lines of 250-300 B, whose keys are skewed over
// 1,000, runs each query three times and prints the median. All records arrive within a minute or two, so a query over
// the last hour, or over the last 15 minutes, reads every one of them.
import { parseArgs } from 'node:util'
import type { Pool } from 'pg'
import { createLogger } from '../src/base/logger.ts'
import { createStream } from '../src/log/create-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { type DocQuery, readSqlQueries } from '../test/docs/sql-queries.ts'
import { scratchDatabase } from './scratch-database.ts'

const { values } = parseArgs({ options: { records: { type: 'string', default: '5000000' } } })
const total = Number(values.records)
if (!Number.isInteger(total) || total < 1)
  throw new Error(`expected --records to be a whole number of at least 1, got ${values.records}`)
const stream = 'logs'
const batchSize = 500
const inFlight = 8
const repeats = 3

const levels = ['info', 'info', 'info', 'info', 'debug', 'debug', 'warn', 'error'] as const
const routes = ['/api/orders', '/api/carts', '/api/payments', '/api/users', '/health'] as const
const messages = {
  debug: 'cache lookup finished without a fresh entry',
  info: 'request handled',
  warn: 'upstream answered slowly, one retry was made',
  error: 'payment declined: upstream timed out',
} as const

/** Pseudo-random, so that two runs fill the same records: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

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
async function fill(deps: { pool: Pool }): Promise<number> {
  await createStream(deps, { name: stream, shards: 4 })
  const logger = createLogger({ level: 'warn' })
  await using producer = createProducer({ ...deps, logger }, { lanes: 4 })
  let next = 0
  let bytes = 0
  const write = async () => {
    while (next < total) {
      const first = next
      next = Math.min(total, first + batchSize)
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

async function time(deps: { pool: Pool }, query: DocQuery): Promise<{ ms: number; rows: number }> {
  const times: number[] = []
  let rows = 0
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const started = performance.now()
    rows = (await deps.pool.query(query.text)).rows.length
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { ms: times[Math.floor(repeats / 2)] ?? 0, rows }
}

await using database = await scratchDatabase()
const started = performance.now()
const bytes = await fill(database)
const seconds = (performance.now() - started) / 1_000
await database.pool.query(
  `insert into millrace.checkpoint (pipeline, shard_id, seq)
   select 'bench', id, millrace.last_seq(id) from millrace.shard where number > 0`,
)
await database.pool.query('vacuum analyze')
const { rows } = await database.pool.query<{ version: string; frames: string }>(
  `select current_setting('server_version') as version,
          (select sum(frames) from millrace.stream_stats('logs')) as frames`,
)
const count = (value: number) => Math.round(value).toLocaleString('en')
console.log(
  `PostgreSQL ${rows[0]?.version}: ${count(total)} records of ${count(bytes / total)} B in ${count(Number(rows[0]?.frames))} frames, ` +
    `written in ${seconds.toFixed(0)} s (${count(total / seconds)}/s).\n` +
    'All of them are minutes old: "the last hour" and "the last 15 minutes" are every record of the stream.\n',
)
console.log('| query | median ms | rows |\n|---|--:|--:|')
for (const query of await readSqlQueries()) {
  const { ms, rows } = await time(database, query)
  console.log(`| ${query.title} | ${count(ms)} | ${count(rows)} |`)
}

// What reading costs: pages by sequence number against COPY of the same records stored as rows, which is the fastest way
// that PostgreSQL has of handing them out, and ten consumers that follow what one producer appends. All readers are in
// one Node process, so with four of them its one thread is the limit, for every contender alike.

import { to as copyTo } from 'pg-copy-streams'
import { createLogger } from '../src/base/logger.ts'
import { copyOut, createCopyDecoder } from '../src/db/copy-out.ts'
import type { Database } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { createProducer } from '../src/log/producer.ts'
import { type LogRecord, readRecords } from '../src/log/read-records.ts'
import { type Following, followBy } from './read/follow-by.ts'
import { putBy } from './support/append-load.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { bulkRead, type ReadPage } from './support/bulk-read.ts'
import { fillStream } from './support/fill-stream.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { spread } from './support/stats.ts'
import { watchMemory } from './support/watch-memory.ts'

const stream = 'bench-read'
const total = 500_000
const pageRecords = 10_000
const consumers = 10
const steadyPerSecond = 5_000

interface Reading {
  rate: number
  clientMib: number
  serverMib: number
}

export const benchmark: Benchmark = {
  about: 'bulk read by sequence against COPY of rows, and ten consumers following',
  needs: 'server',
  seconds: 4,
  rounds: 3,
  run: async (options) => {
    await using db = await scratchDatabase()
    const { shards, expected } = await fill(db, options)
    const readings: Rounds<Reading> = new Map()
    const followings: Rounds<Following & Omit<Reading, 'rate'>> = new Map()
    const pages = pagesOf(db)
    for (let round = 1; round <= options.rounds; round += 1) {
      options.note(`round ${round} of ${options.rounds}`)
      for (const readers of [1, 4])
        for (const [name, readPage] of Object.entries(pages)) {
          using memory = await watchMemory(db.pool)
          const { seconds } = options
          const rate = await bulkRead(readPage, { shards, readers, seconds, expected })
          addRound(readings, `${name}, ${readers}`, { rate, ...peaks(memory) })
        }
      for (const [name, recordsPerSecond] of paces) {
        using memory = await watchMemory(db.pool)
        const following = await followBy(db, { ...options, consumers, recordsPerSecond })
        addRound(followings, name, { ...following, ...peaks(memory) })
      }
    }
    return toReport(await serverFacts(db.pool), readings, followings)
  },
}

const paces = [
  [`${steadyPerSecond} records/s`, steadyPerSecond],
  ['unthrottled', undefined],
] as const

const peaks = (memory: { clientMib(): number; serverMib(): number }) => ({
  clientMib: memory.clientMib(),
  serverMib: memory.serverMib(),
})

/** Fills the stream, and a table of rows with the very same records. */
async function fill(db: Database, { lines, note }: BenchmarkOptions) {
  await createStream(db, { name: stream, shards: 4 })
  note(`filling ${total.toLocaleString('en')} records, as frames and as rows`)
  const logger = createLogger({ level: 'warn' })
  await using producer = createProducer({ ...db, logger })
  await fillStream(putBy(producer, stream), { lines, total })
  const shards = (await describeStream(db, stream)).shards.map((shard) => shard.id)
  await db.pool.query(
    `create table bench_row (shard int, seq bigint, partition_key text not null, data bytea not null,
                             arrived_at timestamptz not null, primary key (shard, seq))`,
  )
  await db.pool.query(
    `insert into bench_row
     select shard_id, first_seq + place - 1, key, payload, arrived_at
       from millrace.frame, unnest(partition_keys, data) with ordinality as record (key, payload, place)
      order by shard_id, first_seq, place`,
  )
  await db.pool.query('vacuum (freeze, analyze)')
  await db.pool.query('checkpoint')
  const { rows } = await db.pool.query<{ shard: number; count: string }>(
    'select shard, count(*) as count from bench_row group by shard',
  )
  return { shards, expected: new Map(rows.map(({ shard, count }) => [shard, Number(count)])) }
}

/** The contenders: each returns the same record objects. */
function pagesOf(db: Database): Record<string, ReadPage> {
  const columns = 'seq, partition_key, data, arrived_at'
  const pageAfter = (records: LogRecord[], from: bigint) => ({
    records,
    next: (records.at(-1)?.sequence ?? from - 1n) + 1n,
  })
  const epochMs = Date.UTC(2000, 0, 1)
  const toRecord = ([seq, key, data, arrived]: (Buffer | null)[]): LogRecord => {
    if (!seq || !key || !data || !arrived) throw new Error('expected no null')
    return {
      sequence: seq.readBigInt64BE(),
      partitionKey: key.toString('utf8'),
      data,
      arrivedAt: new Date(Number(arrived.readBigInt64BE() / 1000n) + epochMs),
    }
  }
  return {
    'Millrace readRecords': (shardId, from) => readRecords(db, { shardId, from }),
    'rows, COPY binary': async (shardId, from) => {
      const client = await db.pool.connect()
      try {
        const records: LogRecord[] = []
        await copyOut(
          client,
          `select ${columns} from bench_row where shard = ${shardId} and seq >= ${from} order by seq limit ${pageRecords}`,
          (fields) => records.push(toRecord(fields)),
        )
        return pageAfter(records, from)
      } finally {
        client.release()
      }
    },
    'rows, COPY binary, pg-copy-streams': async (shardId, from) => {
      const client = await db.pool.connect()
      try {
        const stream = client.query(
          copyTo(
            `copy (select ${columns} from bench_row where shard = ${shardId} and seq >= ${from} order by seq limit ${pageRecords}) to stdout (format binary)`,
          ),
        )
        const records: LogRecord[] = []
        const decoder = createCopyDecoder((fields) => records.push(toRecord(fields)))
        for await (const chunk of stream) decoder.write(chunk)
        return pageAfter(records, from)
      } finally {
        client.release()
      }
    },
    'rows, select': async (shardId, from) => {
      const { rows } = await db.pool.query<[string, string, Buffer, Date]>({
        name: 'bench.select_rows',
        text: `select ${columns} from bench_row where shard = $1 and seq >= $2 order by seq limit ${pageRecords}`,
        values: [shardId, String(from)],
        rowMode: 'array',
      })
      const records = rows.map(([seq, partitionKey, data, arrivedAt]) => ({
        sequence: BigInt(seq),
        partitionKey,
        data,
        arrivedAt,
      }))
      return pageAfter(records, from)
    },
  }
}

function toReport(
  versions: Record<string, string>,
  readings: Rounds<Reading>,
  followings: Rounds<Following & Omit<Reading, 'rate'>>,
): Report {
  const rateOf = (name: string) => mid(readings.get(name), ({ rate }) => rate)
  const ratio = (readers: number) =>
    mid(
      (readings.get(`Millrace readRecords, ${readers}`) ?? []).map(
        ({ rate }, round) =>
          rate / (readings.get(`rows, COPY binary, ${readers}`)?.[round]?.rate ?? Number.NaN),
      ),
      (value) => value,
    )
  const memory = ['client peak MiB', 'server peak MiB']
  const memoryOf = (values: readonly Omit<Reading, 'rate'>[]) => [
    Math.max(...values.map(({ clientMib }) => clientMib)),
    Math.max(...values.map(({ serverMib }) => serverMib)),
  ]
  const steady = followings.get(paces[0][0])
  const free = followings.get(paces[1][0])
  return {
    title: 'Reading',
    tables: [
      {
        title: `bulk read of 4 shards, ${total.toLocaleString('en')} records, pages of ${pageRecords.toLocaleString('en')}`,
        columns: ['contender, readers', 'records/s', 'spread', 'to COPY', ...memory],
        rows: Array.from(readings, ([name, values]) => [
          name,
          rateOf(name),
          spread(values.map(({ rate }) => rate)),
          rateOf(name) / rateOf(`rows, COPY binary, ${name.slice(-1)}`),
          ...memoryOf(values),
        ]),
      },
      {
        title: `${consumers} consumers (subscribe) in one process with the producer`,
        columns: [
          'pace',
          'appended/s',
          'delivered/s',
          'spread',
          'p50 ms',
          'p99 ms',
          'max ms',
          'missed',
          ...memory,
        ],
        rows: Array.from(followings, ([name, values]) => [
          name,
          mid(values, ({ appendedRate }) => appendedRate),
          mid(values, ({ deliveredRate }) => deliveredRate),
          spread(values.map(({ deliveredRate }) => deliveredRate)),
          mid(values, ({ p50 }) => p50),
          mid(values, ({ p99 }) => p99),
          Math.max(...values.map(({ max }) => max)),
          values.reduce((sum, { missed }) => sum + missed, 0),
          ...memoryOf(values),
        ]),
      },
    ],
    figures: {
      'records/s, 1 reader': {
        value: rateOf('Millrace readRecords, 1'),
        unit: 'records/s',
        better: 'more',
      },
      'records/s, 4 readers': {
        value: rateOf('Millrace readRecords, 4'),
        unit: 'records/s',
        better: 'more',
      },
      'ratio to COPY binary of rows': { value: ratio(1), unit: 'x', better: 'more' },
      'ratio to COPY binary of rows, 4 readers': { value: ratio(4), unit: 'x', better: 'more' },
      'ten consumers delivery p99 ms': {
        value: mid(steady, ({ p99 }) => p99),
        unit: 'ms',
        better: 'less',
      },
      'ten consumers delivered/s': {
        value: mid(free, ({ deliveredRate }) => deliveredRate),
        unit: 'records/s',
        better: 'more',
      },
    },
    versions,
    remarks: [
      'Everything is read from memory (the records fit into shared_buffers or the page cache): this is the cost of the format, not of a disk.',
      'A contender returns the same objects: number as bigint, key as string, data as a view of the page, time as Date.',
      'Delivery is the time from before the put until the consumer has the record, so it holds the append and its flush; unthrottled it is mostly the queue in front of one busy Node thread, which appends and delivers.',
      'Memory is the peak of the whole process while a contender ran: what others left to the collector counts too.',
    ],
  }
}

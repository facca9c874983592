// Whether a stream gets slower as it grows: one of 4 shards is filled to 1, 10 and 50 million records, and at each size
// everything is measured in turns with a small fresh stream of the same database. A small machine's rates wander by a
// factor of two within minutes, so the ratio within a turn is the figure. MILLRACE_BENCH_GROWTH=1,10 (millions) makes
// it shorter; the default takes some ten minutes and 6 GB of disk.
import { createLogger } from '../src/base/logger.ts'
import type { Database } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { createProducer, type Producer } from '../src/log/producer.ts'
import {
  createSample,
  measureStream,
  type Place,
  type StreamMeasures,
} from './growth/measure-stream.ts'
import { putBy } from './support/append-load.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { fillStream } from './support/fill-stream.ts'
import { mid } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { diskBytes, serverFacts, walBytes } from './support/server-facts.ts'
import { watchMemory } from './support/watch-memory.ts'

const large = 'bench-large'
const small = 'bench-small'
const smallRecords = 200_000
const samplePlaces = 20_000

interface Size {
  records: number
  turns: { large: StreamMeasures; small: StreamMeasures }[]
  fillRate: number
  diskPerRecord: number
  walPerRecord: number
  clientMib: number
  serverMib: number
}

export const benchmark: Benchmark = {
  about: 'append and read of a stream of 1, 10 and 50 million records against a small one',
  needs: 'server',
  seconds: 5,
  rounds: 3,
  run: async (options) => {
    const sizes = (process.env.MILLRACE_BENCH_GROWTH ?? '1,10,50').split(',').map(Number)
    if (!sizes.every((size, index) => size > (sizes[index - 1] ?? 0)))
      throw new Error('expected MILLRACE_BENCH_GROWTH to be rising numbers, as 1,10,50')
    await using db = await scratchDatabase()
    const logger = createLogger({ level: 'warn' })
    await using producer = createProducer({ ...db, logger })
    await createStream(db, { name: large, shards: 4 })
    const sample = createSample(samplePlaces)
    const found: Size[] = []
    for (const millions of sizes) {
      const before = found.at(-1)?.records ?? 0
      found.push(await growTo(db, { producer, sample, before, to: millions * 1e6 }, options))
    }
    return toReport(await serverFacts(db.pool), found)
  },
}

async function growTo(
  db: Database,
  growth: {
    producer: Producer
    sample: ReturnType<typeof createSample>
    before: number
    to: number
  },
  { lines, seconds, rounds, note }: BenchmarkOptions,
): Promise<Size> {
  const { producer, sample, before, to } = growth
  const put = putBy(producer, large)
  using memory = await watchMemory(db.pool)
  const wal = await walBytes(db.pool)
  const disk = await diskBytes(db.pool, large)
  const added = to - before
  let filled = 0
  let filling = 0
  while (filled < added) {
    const total = Math.min(1_000_000, added - filled)
    filling += await fillStream(put, { lines, total, onPut: sample.add })
    filled += total
    note(
      `${((before + filled) / 1e6).toFixed(1)} of ${to / 1e6} million records, ${Math.round(filled / filling).toLocaleString('en')}/s`,
    )
  }
  const diskPerRecord = ((await diskBytes(db.pool, large)) - disk) / added
  const walPerRecord = ((await walBytes(db.pool)) - wal) / added
  const fresh = await freshStream(db, producer, lines)
  await db.pool.query('vacuum (analyze)')
  await db.pool.query('checkpoint')
  const turns: Size['turns'] = []
  for (let round = 0; round < rounds; round += 1) {
    const ofLarge = () =>
      measureStream(db, { stream: large, put, places: sample.places, lines }, seconds)
    const ofSmall = () =>
      measureStream(
        db,
        { stream: small, put: putBy(producer, small), places: fresh, lines },
        seconds,
      )
    // Who comes first takes turns too, so that neither always pays for what the other left behind.
    if (round % 2 === 0) turns.push({ large: await ofLarge(), small: await ofSmall() })
    else turns.push({ small: await ofSmall(), large: await ofLarge() })
  }
  await deleteStream(db, small)
  return {
    records: to,
    turns,
    fillRate: added / filling,
    diskPerRecord,
    walPerRecord,
    clientMib: memory.clientMib(),
    serverMib: memory.serverMib(),
  }
}

async function freshStream(
  db: Database,
  producer: Producer,
  lines: BenchmarkOptions['lines'],
): Promise<readonly Place[]> {
  await createStream(db, { name: small, shards: 4 })
  const sample = createSample(samplePlaces)
  await fillStream(putBy(producer, small), { lines, total: smallRecords, onPut: sample.add })
  return sample.places
}

const measures: [name: string, key: keyof StreamMeasures][] = [
  ['append, records/s', 'append'],
  ['append of 500, p99 ms', 'appendP99'],
  ['newest 100 records, p50 ms', 'tailP50'],
  ['newest 100 records, p99 ms', 'tailP99'],
  ['bulk read from the start, records/s', 'fromStart'],
  ['bulk read from the middle, records/s', 'fromMiddle'],
  ['a record by its number, p50 ms', 'pointP50'],
  ['a record by its number, p99 ms', 'pointP99'],
  ['first record at a moment, p50 ms', 'atTimestampP50'],
]

function toReport(versions: Record<string, string>, sizes: readonly Size[]): Report {
  const millions = (size: Size) => `${size.records / 1e6} M`
  const largest = sizes.at(-1)
  const ratio = (size: Size | undefined, key: keyof StreamMeasures) =>
    mid(size?.turns, (turn) => turn.large[key] / turn.small[key])
  const figure = (key: keyof StreamMeasures, better: 'more' | 'less') => ({
    value: ratio(largest, key),
    unit: 'x',
    better,
  })
  return {
    title: 'Growth',
    tables: [
      {
        title: `a growing stream, and beside it one of ${smallRecords.toLocaleString('en')} records at the same moment`,
        columns: ['measure', ...sizes.flatMap((size) => [millions(size), 'small', 'large/small'])],
        rows: measures.map(([name, key]) => [
          name,
          ...sizes.flatMap((size) => [
            mid(size.turns, (turn) => turn.large[key]),
            mid(size.turns, (turn) => turn.small[key]),
            ratio(size, key),
          ]),
        ]),
      },
      {
        title: 'what it takes',
        columns: [
          'records',
          'fill records/s',
          'disk B a record',
          'WAL B a record',
          'client peak MiB',
          'server peak MiB',
        ],
        rows: sizes.map((size) => [
          millions(size),
          size.fillRate,
          size.diskPerRecord,
          size.walPerRecord,
          size.clientMib,
          size.serverMib,
        ]),
      },
    ],
    figures: {
      'append, largest to small': figure('append', 'more'),
      'bulk read from the middle, largest to small': figure('fromMiddle', 'more'),
      'record by number p50, largest to small': figure('pointP50', 'less'),
      'first at a moment p50, largest to small': figure('atTimestampP50', 'less'),
      'disk B a record': { value: largest?.diskPerRecord ?? Number.NaN, unit: 'B', better: 'less' },
      'WAL B a record': { value: largest?.walPerRecord ?? Number.NaN, unit: 'B', better: 'less' },
    },
    versions: { ...versions, sizes: sizes.map(millions).join(', ') },
    remarks: [
      'large/small is the median of the ratios within one turn. Before the turns of a size: vacuum analyze and a checkpoint.',
      'Disk and WAL are those of the filling alone; the lines repeat every 20,000, but a frame is compressed alone and gains nothing from that.',
      'All records arrive within one segment or two: many segments are measured by `npm run bench -- retention`.',
      'The server peak counts shared_buffers as they fill up, which happens once.',
    ],
  }
}

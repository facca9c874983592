// What a reshard costs those who append: one load all the time, 500 records a put, 4 puts in flight, and meanwhile a
// split, a merge and scalings 4 -> 8 -> 16 -> 4, a second apart. Afterwards every shard, closed ones too, is read from its
// beginning: as many records as were acknowledged, none twice.
import { wait } from '../src/base/backoff.ts'
import { createLogger } from '../src/base/logger.ts'
import type { Database } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { deleteStream } from '../src/log/delete-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { mergeShards } from '../src/log/merge-shards.ts'
import { createProducer } from '../src/log/producer.ts'
import { readRecords } from '../src/log/read-records.ts'
import { splitShard } from '../src/log/split-shard.ts'
import { updateShardCount } from '../src/log/update-shard-count.ts'
import { type AppendLoad, appendLoad, putBy } from './support/append-load.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { percentile, spread } from './support/stats.ts'
import { watchMemory } from './support/watch-memory.ts'

const stream = 'bench-reshard'
const batch = 500
const pauseMs = 1_000
const phases = ['before', 'during', 'after'] as const

interface Phase {
  rate: number
  p50: number
  p99: number
  max: number
}

interface Change {
  ms: number
  /** The longest put that was under way at some time of the change. */
  worstPut: number
}

interface Count {
  acked: number
  stored: number
}

export const benchmark: Benchmark = {
  about: 'appending before, during and after splits, merges and scalings',
  needs: 'server',
  seconds: 4,
  rounds: 3,
  run: async (options) => {
    await using db = await scratchDatabase()
    using memory = await watchMemory(db.pool)
    const found = {
      phases: new Map() as Rounds<Phase>,
      changes: new Map() as Rounds<Change>,
      counts: [] as Count[],
    }
    for (let round = 1; round <= options.rounds; round += 1) {
      options.note(`round ${round} of ${options.rounds}`)
      await measure(db, options, found)
    }
    const peaks = { clientMib: memory.clientMib(), serverMib: memory.serverMib() }
    return toReport(await serverFacts(db.pool), { ...found, ...peaks })
  },
}

async function measure(
  db: Database,
  { lines, seconds }: BenchmarkOptions,
  found: { phases: Rounds<Phase>; changes: Rounds<Change>; counts: Count[] },
): Promise<void> {
  await createStream(db, { name: stream, shards: 4 })
  await db.pool.query('checkpoint')
  await using producer = createProducer({ ...db, logger: createLogger({ level: 'warn' }) })
  const put = putBy(producer, stream)
  const warm = await appendLoad(put, { lines, batch, seconds: 0.3 })
  const stop = new AbortController()
  const loading = appendLoad(put, { lines, batch, seconds: 600, signal: stop.signal })
  const marks = [performance.now()]
  const mark = () => marks.push(performance.now())
  const changes: { name: string; began: number; ended: number }[] = []
  const change = async () => {
    await wait(seconds * 1000)
    mark()
    for (const [name, work] of operations(db)) {
      const began = performance.now()
      await work()
      changes.push({ name, began, ended: performance.now() })
      await wait(pauseMs)
    }
    mark()
    await wait(seconds * 1000)
    mark()
  }
  // A load that fails ends everything; one that goes on is ended when the changes are made, or cannot be.
  const changing = change().finally(() => stop.abort())
  const [load] = await Promise.all([loading, changing])
  for (const [index, name] of phases.entries())
    addRound(found.phases, name, phaseOf(load, marks[index] ?? 0, marks[index + 1] ?? 0))
  for (const { name, began, ended } of changes) {
    const under = load.puts.filter((one) => one.began < ended && one.began + one.ms > began)
    const worstPut = Math.max(0, ...under.map(({ ms }) => ms))
    addRound(found.changes, name, { ms: ended - began, worstPut })
  }
  found.counts.push({ acked: warm.records + load.records, stored: await countRecords(db) })
  await deleteStream(db, stream)
}

function operations(db: Database): [string, () => Promise<unknown>][] {
  const open = async () =>
    (await describeStream(db, stream)).shards
      .filter((shard) => shard.state === 'open')
      .sort((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
  const scaleTo = (targetShardCount: number) => () =>
    updateShardCount(db, { stream, targetShardCount })
  return [
    ['split', async () => splitShard(db, { stream, shard: (await open())[0]?.number ?? -1 })],
    [
      'merge',
      async () => {
        const [first, second] = await open()
        const shard = first?.number ?? -1
        await mergeShards(db, { stream, shard, adjacentShard: second?.number ?? -1 })
      },
    ],
    ['scale 4 to 8', scaleTo(8)],
    ['scale 8 to 16', scaleTo(16)],
    ['scale 16 to 4', scaleTo(4)],
  ]
}

/** Puts by the moment of their acknowledgement. */
function phaseOf({ puts }: AppendLoad, from: number, to: number): Phase {
  const times = puts
    .filter(({ began, ms }) => began + ms >= from && began + ms < to)
    .map(({ ms }) => ms)
  return {
    rate: (times.length * batch) / ((to - from) / 1000),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    max: percentile(times, 1),
  }
}

/** Reads all shards; fails when a shard gives a number twice or out of order. */
async function countRecords(db: Database): Promise<number> {
  let count = 0
  for (const { id, number } of (await describeStream(db, stream)).shards) {
    let newest = -1n
    for (let from = 0n; ; ) {
      const { records, next } = await readRecords(db, { shardId: id, from })
      if (records.length === 0) break
      for (const { sequence } of records) {
        if (sequence <= newest)
          throw new Error(`shard ${number} gave record ${sequence} after ${newest}`)
        newest = sequence
      }
      count += records.length
      from = next
    }
  }
  return count
}

function toReport(
  versions: Record<string, string>,
  found: {
    phases: Rounds<Phase>
    changes: Rounds<Change>
    counts: readonly Count[]
    clientMib: number
    serverMib: number
  },
): Report {
  const [before, during, after] = phases.map((name) => found.phases.get(name))
  const sum = (key: keyof Count) => found.counts.reduce((total, count) => total + count[key], 0)
  const difference = found.counts.reduce(
    (total, { acked, stored }) => total + Math.abs(acked - stored),
    0,
  )
  const rate = ({ rate }: Phase) => rate
  const less = (value: number, unit: string) => ({ value, unit, better: 'less' as const })
  const worst = [...found.changes.values()].flat().map(({ worstPut }) => worstPut)
  return {
    title: 'Resharding',
    tables: [
      {
        title: 'appending 500 records a put, 4 puts in flight',
        columns: ['phase', 'records/s', 'spread', 'put p50 ms', 'put p99 ms', 'worst put ms'],
        rows: Array.from(found.phases, ([name, values]) => [
          name,
          mid(values, rate),
          spread(values.map(rate)),
          mid(values, ({ p50 }) => p50),
          mid(values, ({ p99 }) => p99),
          Math.max(...values.map(({ max }) => max)),
        ]),
      },
      {
        title: 'the changes, a second apart',
        columns: ['change', 'takes ms', 'spread', 'worst put meanwhile ms', 'of all rounds ms'],
        rows: Array.from(found.changes, ([name, values]) => [
          name,
          mid(values, ({ ms }) => ms),
          spread(values.map(({ ms }) => ms)),
          mid(values, ({ worstPut }) => worstPut),
          Math.max(...values.map(({ worstPut }) => worstPut)),
        ]),
      },
      {
        title: 'the ledger',
        columns: ['acknowledged', 'read back', 'lost or invented', 'client MiB', 'server MiB'],
        rows: [[sum('acked'), sum('stored'), difference, found.clientMib, found.serverMib]],
      },
    ],
    figures: {
      'records/s, during to before': {
        value: mid(during, rate) / mid(before, rate),
        unit: 'x',
        better: 'more',
      },
      'records/s, after to before': {
        value: mid(after, rate) / mid(before, rate),
        unit: 'x',
        better: 'more',
      },
      'worst put during a change ms': less(Math.max(...worst), 'ms'),
      'scale 8 to 16 ms': less(
        mid(found.changes.get('scale 8 to 16'), ({ ms }) => ms),
        'ms',
      ),
      'records lost or invented': less(difference, 'records'),
    },
    versions,
    remarks: [
      `"during" holds all five changes and the ${pauseMs / 1000} s after each, on 4 to 16 shards; "after" is on 4 shards again.`,
      'The worst put of a change is one that was under way at some time of it: it holds the append itself, the wait for the parents, the new look at the shards and the second append.',
      'Nothing lost and nothing twice is counted over all records of a run; order by key across reshards is checked by `npm run bench -- order`.',
    ],
  }
}

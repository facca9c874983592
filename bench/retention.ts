// What it costs that segments come and go: latency of appends and reads while a segment is created and dropped every
// second and four times a second (in production: once an hour), against quiet, and in a shard of 1,000 segments against
// one of 10. The segments that go are real ones: each holds the numbers of one period, 24 hours ago, so the retention's
// horizon passes over one a period, as the reader of the oldest records reads it, and retireSegments drops it.
import { wait } from '../src/base/backoff.ts'
import type { Database } from '../src/db/open-database.ts'
import { createStream } from '../src/log/create-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { retireSegments } from '../src/log/retire-segments.ts'
import { measureShard, operations, type ShardMeasures } from './retention/measure-shard.ts'
import type { Benchmark, BenchmarkOptions, Report } from './support/benchmark.ts'
import { addRound, mid, type Rounds } from './support/rounds.ts'
import { scratchDatabase } from './support/scratch-database.ts'
import { serverFacts } from './support/server-facts.ts'
import { percentile } from './support/stats.ts'
import type { Table } from './support/table.ts'
import { addHours, addPastSegment } from './support/used-segments.ts'
import { watchMemory } from './support/watch-memory.ts'

const retentionMs = 24 * 3_600_000
/** Segments that are kept in front of the horizon. */
const ahead = 6
const framesPerSegment = 10
const recordsPerFrame = 500

interface Turnover {
  created: number
  dropped: number
  /** Of the segments that turn over, in MiB: the most at any time and at the end. */
  mostMib: number
  endMib: number
}

export const benchmark: Benchmark = {
  about: 'latency while segments are created and dropped, and with many segments',
  needs: 'server',
  seconds: 6,
  rounds: 3,
  run: async (options) => {
    await using db = await scratchDatabase()
    using memory = await watchMemory(db.pool)
    const { seconds } = options
    const turning = await shardOf(db, 'bench-turning', 24)
    const few = await shardOf(db, 'bench-few', 8_760)
    const many = await shardOf(db, 'bench-many', 8_760)
    options.note('making 1,000 segments')
    await addHours(db.pool, few, 8, 400)
    await addHours(db.pool, many, 998, 400)
    for (const shard of [turning, few, many]) await measureShard(db, shard, Math.min(1, seconds))
    const latencies: Rounds<ShardMeasures> = new Map()
    const counts: Rounds<ShardMeasures> = new Map()
    const turnovers: Rounds<Turnover> = new Map()
    for (let round = 1; round <= options.rounds; round += 1) {
      options.note(`round ${round} of ${options.rounds}`)
      addRound(latencies, 'quiet', await measureShard(db, turning, seconds))
      for (const periodMs of [1_000, 250]) {
        const name = `a segment every ${periodMs} ms`
        const churn = await startChurn(db, turning, periodMs, options)
        addRound(latencies, name, await measureShard(db, turning, seconds))
        addRound(turnovers, name, await churn.stop())
      }
      addRound(counts, '10 segments', await measureShard(db, few, seconds))
      addRound(counts, '1,000 segments', await measureShard(db, many, seconds))
    }
    const peaks: [string, number][] = [
      ['client', memory.clientMib()],
      ['server', memory.serverMib()],
    ]
    return toReport(await serverFacts(db.pool), { latencies, counts, turnovers, peaks })
  },
}

async function shardOf(db: Database, name: string, retentionHours: number): Promise<number> {
  await createStream(db, { name, retentionHours })
  return (await describeStream(db, name)).shards[0]?.id ?? 0
}

/** Creates a segment in front of the horizon every period, and drops those behind it. */
async function startChurn(
  db: Database,
  shardId: number,
  periodMs: number,
  { lines }: BenchmarkOptions,
) {
  const stopping = new AbortController()
  const turnover: Turnover = { created: 0, dropped: 0, mostMib: 0, endMib: 0 }
  let startMs = Date.now() - retentionMs + periodMs
  const add = async () => {
    const segment = { shardId, startMs, spanMs: periodMs, frames: framesPerSegment }
    await addPastSegment(db.pool, { ...segment, lines: lines.slice(0, recordsPerFrame) })
    startMs += periodMs
    turnover.created += 1
  }
  for (let index = 0; index < ahead; index += 1) await add()
  const turn = async () => {
    while (!stopping.signal.aborted) {
      const until = startMs + retentionMs - ahead * periodMs
      if (Date.now() >= until) {
        await add()
        turnover.dropped += await retireSegments(db)
        turnover.mostMib = Math.max(turnover.mostMib, await pastMib(db, shardId))
      }
      await wait(Math.max(1, until - Date.now()), stopping.signal)
    }
  }
  const turning = turn()
  const stop = async (): Promise<Turnover> => {
    stopping.abort()
    await turning
    await wait(Math.max(0, startMs + retentionMs - Date.now() + 10))
    turnover.dropped += await retireSegments(db)
    turnover.endMib = await pastMib(db, shardId)
    return turnover
  }
  return { stop }
}

/** Disk of a shard's segments that ended before the last hour: of those that turn over. */
async function pastMib(db: Database, shardId: number): Promise<number> {
  const { rows } = await db.pool.query<{ mib: number }>(
    `select coalesce(sum(pg_total_relation_size(to_regclass('millrace.' || table_name))), 0)::float8 / 1048576 as mib
       from millrace.segment
      where shard_id = $1
        and end_seq < millrace.seq_at(clock_timestamp() - interval '2 hours')`,
    [shardId],
  )
  return rows[0]?.mib ?? Number.NaN
}

function latencyTable(title: string, rounds: Rounds<ShardMeasures>): Table {
  return {
    title,
    columns: ['when', 'operation', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'a second', 'failed'],
    rows: Array.from(rounds).flatMap(([name, values]) =>
      operations.map((operation) => [
        name,
        operation,
        ...[0.5, 0.99, 0.999].map((share) => latency(values, operation, share)),
        Math.max(...values.map(({ ms }) => percentile(ms[operation], 1))),
        mid(values, ({ ms, seconds }) => ms[operation].length / seconds),
        values.flatMap(({ failures }) => failures.filter((text) => text.startsWith(operation)))
          .length,
      ]),
    ),
  }
}

const latency = (
  values: readonly ShardMeasures[] | undefined,
  operation: (typeof operations)[number],
  share: number,
) => mid(values, ({ ms }) => percentile(ms[operation], share))

function toReport(
  versions: Record<string, string>,
  found: {
    latencies: Rounds<ShardMeasures>
    counts: Rounds<ShardMeasures>
    turnovers: Rounds<Turnover>
    peaks: [string, number][]
  },
): Report {
  const { latencies, counts, turnovers, peaks } = found
  const quiet = latencies.get('quiet')
  const turning = latencies.get('a segment every 1000 ms')
  const failures = [...latencies.values(), ...counts.values()]
    .flat()
    .flatMap((measures) => measures.failures)
  const p99 = (values: readonly ShardMeasures[] | undefined, operation: 'append' | 'read newest') =>
    latency(values, operation, 0.99)
  const ratio = (value: number) => ({ value, unit: 'x', better: 'less' as const })
  return {
    title: 'Retention',
    tables: [
      latencyTable('segments that are created and dropped under load', latencies),
      {
        title: `disk of the segments that turn over (${framesPerSegment} frames of ${recordsPerFrame} records each)`,
        columns: ['when', 'created', 'dropped', 'most MiB', 'MiB at the end'],
        rows: Array.from(turnovers, ([name, values]) => [
          name,
          values.reduce((sum, { created }) => sum + created, 0),
          values.reduce((sum, { dropped }) => sum + dropped, 0),
          Math.max(...values.map(({ mostMib }) => mostMib)),
          Math.max(...values.map(({ endMib }) => endMib)),
        ]),
      },
      latencyTable('a shard of 10 segments against one of 1,000', counts),
      { title: 'peak memory', columns: ['process', 'MiB'], rows: peaks },
    ],
    figures: {
      'append p99, a segment a second to quiet': ratio(
        p99(turning, 'append') / p99(quiet, 'append'),
      ),
      'read p99, a segment a second to quiet': ratio(
        p99(turning, 'read newest') / p99(quiet, 'read newest'),
      ),
      'append p99, 1,000 segments to 10': ratio(
        p99(counts.get('1,000 segments'), 'append') / p99(counts.get('10 segments'), 'append'),
      ),
      'read p99, 1,000 segments to 10': ratio(
        p99(counts.get('1,000 segments'), 'read newest') /
          p99(counts.get('10 segments'), 'read newest'),
      ),
      'operations that failed': { value: failures.length, unit: 'operations', better: 'less' },
    },
    versions,
    remarks: [
      "Latencies are medians over the rounds of a round's percentile; max is of all rounds. Six loops share one Node thread, so a p99 is partly their queue.",
      '"read oldest" reads from the horizon on, where segments are dropped; each of its reads has to find what is still there.',
      ...(failures.length === 0
        ? []
        : [`failed: ${[...new Set(failures)].slice(0, 5).join('; ')}`]),
    ],
  }
}

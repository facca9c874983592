// What segments cost: latency of appends and reads (a) while a segment is created and dropped every second, against
// quiet, and (b) in a shard of 10 segments against one of 1,000. `DATABASE_URL=... node bench/segments.ts [--seconds 8]
// [--rounds 3]`: rounds alternate, medians over rounds are printed. Two writers put 20 records of 200 B each, two readers
// read the newest 100 records, one reader 100 at a random place of the round; every append is acknowledged after fsync.
import { parseArgs } from 'node:util'
import { wait } from '../src/base/backoff.ts'
import type { Database } from '../src/db/open-database.ts'
import { appendFrames } from '../src/log/append-frames.ts'
import { createStream } from '../src/log/create-stream.ts'
import { describeStream } from '../src/log/describe-stream.ts'
import { readRecords } from '../src/log/read-records.ts'
import { retireSegments } from '../src/log/retire-segments.ts'
import { scratchDatabase } from './scratch-database.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '8' }, rounds: { type: 'string', default: '3' } },
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)

interface Latencies {
  append: number[]
  readTip: number[]
  readRandom: number[]
}
const operations = ['append', 'readTip', 'readRandom'] as const

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const median = (items: readonly number[]) =>
  percentile(
    items.toSorted((a, b) => a - b),
    0.5,
  )

const keys = Array.from({ length: 20 }, (_, index) => Buffer.from(`key-${index}`))
const data = keys.map((_, index) =>
  Buffer.from(`${index} `.padEnd(200, 'a log line about nothing in particular ')),
)
const bytes = [...keys, ...data].reduce((sum, item) => sum + item.length, 0)

async function measure(db: Database, shardId: number): Promise<Latencies> {
  const found: Latencies = { append: [], readTip: [], readRandom: [] }
  const until = performance.now() + seconds * 1000
  let newest = 0n
  const timed = async (into: number[], work: () => Promise<unknown>) => {
    while (performance.now() < until) {
      const started = performance.now()
      await work()
      into.push(performance.now() - started)
    }
  }
  const append = async () => {
    const [frame] = await appendFrames(db, [{ shardId, keys, data, bytes }])
    if (!frame) throw new Error('the shard is closed')
    newest = frame.first
  }
  const readTip = () => readRecords(db, { shardId, from: newest, maxRecords: 100 })
  const readRandom = () => {
    const span = newest - oldest
    const from = oldest + (span * BigInt(Math.floor(Math.random() * 1e6))) / 1_000_000n
    return readRecords(db, { shardId, from, maxRecords: 100 })
  }
  await append()
  const oldest = newest
  await Promise.all([
    timed(found.append, append),
    timed(found.append, append),
    timed(found.readTip, readTip),
    timed(found.readTip, readTip),
    timed(found.readRandom, readRandom),
  ])
  return found
}

/** Gives a shard used segments of an hour, `count` of them, one frame each, the newest ending `hoursAgo`. */
async function addSegments(
  db: Database,
  id: number,
  count: number,
  hoursAgo: number,
): Promise<void> {
  await db.pool.query(
    `do $do$
     declare
       v_hour constant bigint := 3600000::bigint << 22;
       v_start bigint;
       v_table text;
     begin
       for i in reverse ${count}..1 loop
         v_start := (millrace.seq_at(clock_timestamp()) / v_hour - ${hoursAgo} - i) * v_hour;
         v_table := 'frame_s${id}_' || (v_start >> 22);
         perform millrace.attach_segment('frame_s${id}', v_table, 'last_seq', v_start, v_start + v_hour);
         insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values (${id}, v_start, v_start + v_hour, v_table, true);
         execute format('insert into millrace.%I (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
           values (${id}, $1, $1, 0, 2, now(), ''{k}'', ''{x}'')', v_table) using v_start + 1;
       end loop;
     end $do$`,
  )
}

async function churn(db: Database, id: number, stop: AbortSignal): Promise<number> {
  let turns = 0
  while (!stop.aborted) {
    await addSegments(db, id, 1, 8_800 + turns)
    await retireSegments(db)
    turns += 1
    await wait(1_000, stop)
  }
  return turns
}

function report(title: string, results: Map<string, Latencies[]>): void {
  console.log(`\n${title}`)
  for (const [name, latencies] of results)
    for (const operation of operations) {
      const sorted = latencies.map((found) => found[operation].toSorted((a, b) => a - b))
      const of = (share: number) =>
        median(sorted.map((items) => percentile(items, share))).toFixed(2)
      const most = Math.max(...sorted.map((items) => items.at(-1) ?? 0)).toFixed(1)
      const count = Math.round(median(sorted.map((items) => items.length / seconds)))
      console.log(
        `${name.padEnd(22)} ${operation.padEnd(11)} p50 ${of(0.5)} ms  p99 ${of(0.99)} ms  p99.9 ${of(0.999)} ms  max ${most} ms  ${count}/s`,
      )
    }
}

await using db = await scratchDatabase()
const shardOfStream = async (name: string) => {
  await createStream(db, { name, retentionHours: 8_760 })
  return (await describeStream(db, name)).shards[0]?.id ?? 0
}
const add = (results: Map<string, Latencies[]>, name: string, found: Latencies) =>
  results.set(name, [...(results.get(name) ?? []), found])

const turnover = new Map<string, Latencies[]>()
const few = await shardOfStream('few')
await addSegments(db, few, 8, 400)
const many = await shardOfStream('many')
await addSegments(db, many, 998, 400)
await measure(db, few)
let turns = 0
for (let round = 0; round < rounds; round += 1) {
  add(turnover, 'quiet', await measure(db, few))
  const stop = new AbortController()
  const churning = churn(db, few, stop.signal)
  add(turnover, 'create + drop every s', await measure(db, few))
  stop.abort()
  turns += await churning
}
report(`a segment created and dropped every second (${turns} times)`, turnover)

const counts = new Map<string, Latencies[]>()
await measure(db, many)
for (let round = 0; round < rounds; round += 1) {
  add(counts, '10 segments', await measure(db, few))
  add(counts, '1,000 segments', await measure(db, many))
}
report('10 segments against 1,000', counts)

import type { Database } from '../../src/db/open-database.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { getRecords } from '../../src/log/get-records.ts'
import { getShardIterator } from '../../src/log/get-shard-iterator.ts'
import type { PutResult } from '../../src/log/new-record.ts'
import { readRecords } from '../../src/log/read-records.ts'
import { timeOfSequence } from '../../src/log/sequence.ts'
import { appendLoad, type PutBatch, summarize } from '../support/append-load.ts'
import { bulkRead } from '../support/bulk-read.ts'
import type { BenchLine } from '../support/lines.ts'
import { percentile } from '../support/stats.ts'

/** A record that is there. */
export interface Place {
  shard: number
  sequence: bigint
}

export interface StreamMeasures {
  append: number
  appendP99: number
  tailP50: number
  tailP99: number
  fromStart: number
  fromMiddle: number
  pointP50: number
  pointP99: number
  atTimestampP50: number
}

/**
 * One turn of everything, a part of `seconds` each: append, the newest 100 records of a shard, pages from the start and
 * from the middle, a record by its number (iterator and read), the first record at a moment (iterator and read).
 */
export async function measureStream(
  db: Database,
  target: { stream: string; put: PutBatch; places: readonly Place[]; lines: readonly BenchLine[] },
  seconds: number,
): Promise<StreamMeasures> {
  const { stream, put, places, lines } = target
  const part = seconds / 5
  const anyPlace = () => {
    const place = places[Math.floor(Math.random() * places.length)]
    if (!place) throw new Error('expected places of records')
    return place
  }
  const append = summarize(await appendLoad(put, { lines, seconds: part }))
  const { shards } = await describeStream(db, stream)
  const ids = shards.map(({ id }) => id)
  const { rows } = await db.pool.query<{ id: number; last: string }>(
    'select id, millrace.last_seq(id) as last from unnest($1::int[]) as id',
    [ids],
  )
  let turn = 0
  const tail = await times(part / 2, async () => {
    const row = rows[turn++ % rows.length]
    if (!row) throw new Error('expected a shard')
    const from = BigInt(row.last) - 99n
    const { records } = await readRecords(db, { shardId: row.id, from, maxRecords: 100 })
    if (records.length === 0) throw new Error('expected the newest records')
  })
  const readPage = (shardId: number, from: bigint) => readRecords(db, { shardId, from })
  const fromStart = await bulkRead(readPage, { shards: ids, readers: 1, seconds: part })
  const from = new Map(
    shards.map(({ id, number }) => [id, middleOf(places.filter(({ shard }) => shard === number))]),
  )
  const fromMiddle = await bulkRead(readPage, { shards: ids, readers: 1, seconds: part, from })
  const point = await times(part, async () => {
    const { shard, sequence } = anyPlace()
    const input = { stream, shard, type: 'AT_SEQUENCE_NUMBER', sequence } as const
    const shardIterator = await getShardIterator(db, input)
    const { records } = await getRecords(db, { shardIterator, limit: 1 })
    if (records[0]?.sequence !== sequence) throw new Error(`expected record ${sequence}`)
  })
  const atTimestamp = await times(part / 2, async () => {
    const { shard, sequence } = anyPlace()
    const timestamp = timeOfSequence(sequence)
    const input = { stream, shard, type: 'AT_TIMESTAMP', timestamp } as const
    const shardIterator = await getShardIterator(db, input)
    const { records } = await getRecords(db, { shardIterator, limit: 1 })
    if (records.length === 0) throw new Error(`expected a record at ${timestamp.toISOString()}`)
  })
  return {
    append: append.rate,
    appendP99: append.p99,
    tailP50: percentile(tail, 0.5),
    tailP99: percentile(tail, 0.99),
    fromStart,
    fromMiddle,
    pointP50: percentile(point, 0.5),
    pointP99: percentile(point, 0.99),
    atTimestampP50: percentile(atTimestamp, 0.5),
  }
}

/** One at a time, for some seconds; how long each took, ms. */
async function times(seconds: number, work: () => Promise<void>): Promise<number[]> {
  const found: number[] = []
  const until = performance.now() + seconds * 1000
  while (performance.now() < until) {
    const began = performance.now()
    await work()
    found.push(performance.now() - began)
  }
  return found
}

function middleOf(places: readonly Place[]): bigint {
  const sorted = places.map(({ sequence }) => sequence).sort((a, b) => (a < b ? -1 : 1))
  return sorted[sorted.length >> 1] ?? 0n
}

/** Keeps `capacity` places of all that were put, each with the same chance. */
export function createSample(capacity: number) {
  const places: Place[] = []
  let seen = 0
  return {
    places,
    add: (results: readonly PutResult[]) => {
      for (const result of results) {
        if (!result.ok) continue
        seen += 1
        const at = seen <= capacity ? seen - 1 : Math.floor(Math.random() * seen)
        if (at < capacity) places[at] = { shard: result.shard, sequence: result.sequence }
      }
    },
  }
}

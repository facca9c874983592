import type { Pool } from 'pg'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { findRange, hashKeyOf } from '../../src/log/hash-ring.ts'
import { createProducer } from '../../src/log/producer.ts'
import { sequenceAt, timeOfSequence } from '../../src/log/sequence.ts'
import { splitShard } from '../../src/log/split-shard.ts'

/** What a stream was given, kept beside it: what the queries of docs/sql.md have to find. */
export interface Known {
  shard: number
  sequence: bigint
  at: Date
  key: string
  data: Buffer
}

const minute = 60_000
/** A 24th of the retention. */
const segmentMs = 2 * 60 * minute
export const openedMsAgo = 31 * 60 * minute
/** Each shard has a frame of each age: before the day, before the hour in several segments, and inside the hour. */
const agesMs = [30 * 60, 300, 90, 40, 20].map((minutes) => minutes * minute)

/** `order-1` comes twice as often as the others, and its records are the largest. */
const keys = ['order-1', ...Array.from({ length: 24 }, (_, index) => `order-${index + 1}`)]

function dataOf(key: string, index: number): Buffer {
  if (key === 'order-1')
    return Buffer.from(
      JSON.stringify({ level: 'info', msg: 'paid', note: '-'.repeat(200 + index) }),
    )
  if (index % 7 === 3) return Buffer.from(`ERROR call for ${key} timed out`)
  if (index % 7 === 5) return Buffer.from([0xff, 0xfe, index])
  return Buffer.from(JSON.stringify({ level: index % 3 === 0 ? 'warn' : 'error', msg: key }))
}

/**
 * Creates stream `logs` with four shards, records of 30 hours in segments of two, and a split of the shard of `order-1`
 * before its newest records; and stream `other` beside it.
 */
export async function fillLogs(deps: { pool: Pool }) {
  const logger = createLogger({ level: 'silent' })
  const known: Known[] = []
  const now = Date.now()
  await createStream(deps, { name: 'logs', shards: 4, retentionHours: 48 })
  await createStream(deps, { name: 'other', shards: 2 })
  await deps.pool.query(
    `update millrace.shard
        set created_seq = $1
      where stream_id = (select id from millrace.stream where name = 'logs')`,
    [String(sequenceAt(new Date(now - openedMsAgo)))],
  )
  const { shards } = await describeStream(deps, 'logs')
  for (const age of agesMs)
    for (const shard of shards) {
      const records = keys
        .filter((key) => findRange(shards, hashKeyOf(key)) === shard)
        .map((key, index) => ({ key, data: dataOf(key, index) }))
      known.push(...(await insertFrame(deps, shard, new Date(now - age), records)))
    }

  await using producer = createProducer({ ...deps, logger })
  const put = async () => {
    const records = keys.map((key, index) => ({ partitionKey: key, data: dataOf(key, index) }))
    const results = await producer.put('logs', records)
    for (const [index, { partitionKey: key, data }] of records.entries()) {
      const result = results[index]
      if (!result?.ok) throw new Error(`expected record ${index} to be stored`)
      const { shard, sequence } = result
      known.push({ shard, sequence, at: timeOfSequence(sequence), key, data })
    }
    await producer.put('other', records)
  }
  await put()
  const parent = findRange(shards, hashKeyOf('order-1'))?.number ?? -1
  const split = await splitShard(deps, { stream: 'logs', shard: parent })
  await put()
  return { known, parent, children: split.opened, put: () => appendAgain(deps, known) }
}

/** One more record of each key, by a producer of its own. */
async function appendAgain(deps: { pool: Pool }, known: Known[]): Promise<void> {
  await using producer = createProducer({ ...deps, logger: createLogger({ level: 'silent' }) })
  for (const [index, key] of keys.entries()) {
    const data = dataOf(key, index)
    const [result] = await producer.put('logs', [{ partitionKey: key, data }])
    if (!result?.ok) throw new Error(`expected the record of ${key} to be stored`)
    const { shard, sequence } = result
    known.push({ shard, sequence, at: timeOfSequence(sequence), key, data })
  }
}

/** A frame as an append of that moment would have left it, in a segment that is made for it where none is. */
async function insertFrame(
  deps: { pool: Pool },
  shard: { id: number; number: number },
  at: Date,
  records: readonly { key: string; data: Buffer }[],
): Promise<Known[]> {
  const first = sequenceAt(at)
  const span = BigInt(segmentMs) << 22n
  const start = (first / span) * span
  const table = `frame_s${shard.id}_${start >> 22n}`
  const { rowCount } = await deps.pool.query(
    `update millrace.segment set used = true where shard_id = $1 and start_seq = $2`,
    [shard.id, String(start)],
  )
  if (rowCount === 0) {
    const end = String(start + span)
    await deps.pool.query(`select millrace.attach_segment($1, $2, 'last_seq', $3, $4)`, [
      `frame_s${shard.id}`,
      table,
      String(start),
      end,
    ])
    await deps.pool.query(
      `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used)
       values ($1, $2, $3, $4, true)`,
      [shard.id, String(start), end, table],
    )
  }
  const known = records.map(({ key, data }, index) => {
    const sequence = first + BigInt(index)
    return { shard: shard.number, sequence, at: timeOfSequence(sequence), key, data }
  })
  await deps.pool.query(
    `insert into millrace.${table} (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
     values ($1, $2, $3, coalesce(millrace.last_seq($1), 0), $4, millrace.time_of($2), $5, $6)`,
    [
      shard.id,
      String(first),
      String(first + BigInt(records.length - 1)),
      records.reduce((sum, record) => sum + bytesOf(record), 0),
      records.map((record) => record.key),
      records.map((record) => record.data),
    ],
  )
  return known
}

/** As the log counts a record: its key and its data. */
export function bytesOf(record: { key: string; data: Buffer }): number {
  return Buffer.byteLength(record.key) + record.data.length
}

import type { Pool, PoolClient } from 'pg'
import { isMillraceError, MillraceError } from '../base/errors.ts'
import { decodeBinaryArray, decodeTextArray } from '../db/binary-array.ts'
import { copyOut } from '../db/copy-out.ts'
import { sqlStateOf, sqlStates, toMillraceError } from '../db/sqlstate.ts'

export interface LogRecord {
  sequence: bigint
  partitionKey: string
  data: Buffer
  arrivedAt: Date
}

export interface ReadRecordsInput {
  shardId: number
  /** The first number wanted; it need not exist. Numbers before the horizon count as the horizon. */
  from: bigint
  /** Default and most: 10,000. */
  maxRecords?: number
  /** Default and most: 10 MiB; one record that is larger is returned alone. */
  maxBytes?: number
}

export interface ReadRecordsResult {
  /** Ascending, without a gap: every record that the shard holds between the first and the last of them. */
  records: LogRecord[]
  /** Where the next read goes on: behind the last record, and never before the horizon. */
  next: bigint
  /** The shard was closed before this read: nothing is appended any more, and no records means that its end is reached. */
  closed: boolean
}

const limits = { records: 10_000, bytes: 10 * 1024 * 1024, framesPerRead: 2_000 } as const
const maxAttempts = 5

/**
 * Reads a shard from a sequence number on. An empty result means that it holds nothing from there, now.
 *
 * Reads: segment (which leaves, the retention's horizon, the shard's state), then leaves by name, oldest first, until one
 * has frames. A few leaves are looked up at a time, so a shard of a thousand segments is read as fast as one of ten.
 * Locks: none that a writer feels.
 * Order: two leaves are read with two snapshots, so a record could be committed to the older one between them. Each
 * frame therefore names the last number before it (`prev_seq`): when that number is one we should have seen, we read
 * again. A leaf that retention drops meanwhile is read around the same way.
 */
export async function readRecords(
  deps: { pool: Pool },
  input: ReadRecordsInput,
): Promise<ReadRecordsResult> {
  const client = await deps.pool.connect().catch((error: unknown) => {
    throw toMillraceError(error, 'reading records')
  })
  let broken: Error | undefined
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await readOnce(client, input)
        if (result !== 'gap') return result
      } catch (error) {
        const droppedMeanwhile = sqlStateOf(error) === sqlStates.noTable
        if (!droppedMeanwhile) throw error
      }
      if (attempt === maxAttempts)
        throw new MillraceError(
          'internal',
          `shard ${input.shardId} names a record after ${input.from} that no segment holds`,
          { details: { shardId: input.shardId, from: String(input.from) } },
        )
    }
  } catch (error) {
    if (isMillraceError(error)) throw error
    const failure = toMillraceError(error, 'reading records')
    if (failure.code === 'database_unavailable') broken = failure
    throw failure
  } finally {
    client.release(broken)
  }
}

interface Leaf {
  /** Null in the one row of a shard without leaves. */
  table_name: string | null
  end_seq: string | null
  horizon: string
  closed: boolean
}

/** A leaf that was used holds frames, so the one in which a position falls and the next are enough, but for races. */
const leavesPerLookup = 3

async function readOnce(
  client: PoolClient,
  input: ReadRecordsInput,
): Promise<ReadRecordsResult | 'gap'> {
  let from = input.from
  let closed: boolean | undefined
  for (let beyond = from; ; ) {
    const leaves = await findLeaves(client, input.shardId, beyond)
    for (const leaf of leaves) {
      closed ??= leaf.closed
      const horizon = BigInt(leaf.horizon)
      if (horizon > from) from = horizon
      if (leaf.table_name === null || leaf.end_seq === null) continue
      beyond = BigInt(leaf.end_seq)
      const frames = await readFrames(client, leaf.table_name, { ...input, from })
      const first = frames[0]
      if (!first) continue
      if (first.prevSeq !== 0n && first.prevSeq >= from) return 'gap'
      return { ...cut(frames, input, from), closed }
    }
    if (leaves.length < leavesPerLookup) return { records: [], next: from, closed: closed ?? true }
  }
}

async function findLeaves(client: PoolClient, shardId: number, from: bigint): Promise<Leaf[]> {
  const { rows } = await client.query<Leaf>({
    name: 'millrace.read_leaves',
    text: `
      select se.table_name, se.end_seq, kept.horizon, kept.closed
        from (select sh.id, sh.state = 'closed' as closed, millrace.horizon(st) as horizon
                from millrace.shard sh
                join millrace.stream st on st.id = sh.stream_id
               where sh.id = $1) as kept
        left join lateral (
               select table_name, end_seq
                 from millrace.segment
                where shard_id = kept.id
                  and used
                  and end_seq > greatest($2, kept.horizon)
                order by end_seq
                limit ${leavesPerLookup}) as se on true
       order by se.end_seq`,
    values: [shardId, String(from)],
  })
  return rows
}

interface FrameRow {
  firstSeq: bigint
  lastSeq: bigint
  prevSeq: bigint
  arrivedAt: Date
  keys: string[]
  data: Buffer[]
}

/** Microseconds between 1970 and 2000, where PostgreSQL's binary timestamps start. */
const postgresEpochMs = Date.UTC(2000, 0, 1)

async function readFrames(
  client: PoolClient,
  table: string,
  input: ReadRecordsInput,
): Promise<FrameRow[]> {
  const maxRecords = Math.min(input.maxRecords ?? limits.records, limits.records)
  const maxBytes = Math.min(input.maxBytes ?? limits.bytes, limits.bytes)
  // The running sums stop the scan before it fetches (and decompresses) frames that would not be returned.
  const frames: FrameRow[] = []
  await copyOut(
    client,
    `select first_seq, last_seq, prev_seq, arrived_at, partition_keys, data
       from (select *,
                    sum(bytes) over before as bytes_before,
                    sum(last_seq - greatest(first_seq, ${input.from}) + 1) over before as records_before
               from (select *
                       from millrace.${client.escapeIdentifier(table)}
                      where shard_id = ${input.shardId}
                        and last_seq >= ${input.from}
                      order by last_seq
                      limit ${Math.min(limits.framesPerRead, maxRecords)}) as candidate
             window before as (order by last_seq rows between unbounded preceding and 1 preceding)) as frame
      where coalesce(bytes_before, 0) < ${maxBytes}
        and coalesce(records_before, 0) < ${maxRecords}
      order by last_seq`,
    (fields) => frames.push(toFrameRow(table, fields)),
  )
  return frames
}

function toFrameRow(table: string, fields: readonly (Buffer | null)[]): FrameRow {
  const [first, last, prev, arrived, keys, data] = fields
  if (!first || !last || !prev || !arrived || !keys || !data)
    throw new MillraceError('internal', `a frame of ${table} has a null field`)
  return {
    firstSeq: first.readBigInt64BE(),
    lastSeq: last.readBigInt64BE(),
    prevSeq: prev.readBigInt64BE(),
    arrivedAt: new Date(Number(arrived.readBigInt64BE() / 1000n) + postgresEpochMs),
    keys: decodeTextArray(keys),
    data: decodeBinaryArray(data),
  }
}

/** The records of frames from `from` on, within the limits; fails when two frames do not follow one another. */
function cut(
  frames: readonly FrameRow[],
  input: ReadRecordsInput,
  from: bigint,
): Omit<ReadRecordsResult, 'closed'> {
  const maxRecords = Math.min(input.maxRecords ?? limits.records, limits.records)
  const maxBytes = Math.min(input.maxBytes ?? limits.bytes, limits.bytes)
  const records: LogRecord[] = []
  let bytes = 0
  let expectedPrev: bigint | undefined
  for (const frame of frames) {
    if (expectedPrev !== undefined && frame.prevSeq !== expectedPrev)
      throw new MillraceError(
        'internal',
        `shard ${input.shardId} has no frame between ${expectedPrev} and ${frame.firstSeq}: the log is damaged`,
        { details: { shardId: input.shardId, after: String(expectedPrev) } },
      )
    expectedPrev = frame.lastSeq
    const skip = frame.firstSeq < from ? Number(from - frame.firstSeq) : 0
    for (let index = skip; index < frame.data.length; index += 1) {
      const data = frame.data[index]
      const key = frame.keys[index]
      if (!data || key === undefined)
        throw new MillraceError('internal', 'a frame has fewer keys than records')
      bytes += data.length + Buffer.byteLength(key)
      if (records.length >= maxRecords || (records.length > 0 && bytes > maxBytes))
        return { records, next: frame.firstSeq + BigInt(index) }
      records.push({
        sequence: frame.firstSeq + BigInt(index),
        partitionKey: key,
        data,
        arrivedAt: frame.arrivedAt,
      })
    }
  }
  return { records, next: (expectedPrev ?? from - 1n) + 1n }
}

import { wait } from '../../base/backoff.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { ShardReader } from './read-ahead.ts'

export interface GatherInput {
  shardId: number
  /** The first number wanted. */
  from: bigint
  /** The last number wanted; null for no end. */
  to: bigint | null
  maxRecords: number
  maxBytes: number
  /** How long a batch that is not full waits for more, from the arrival of its first record. */
  windowMs: number
  /** Milliseconds since 1970 by the database's clock. */
  now: () => number
  /** Waits for more, at most `ms`; `leave` when others need the place, or the worker stops. */
  waitForMore: (ms: number) => Promise<'more' | 'timeout' | 'leave'>
  signal: AbortSignal
}

export interface GatheredBatch {
  records: LogRecord[]
  /** Where reading goes on: past the batch, and past what retention took before it. */
  next: bigint
  /** The shard is closed; without records its end is reached. */
  closed: boolean
  /** One of its limits is reached: there may be more. */
  isFull: boolean
  /** Not full, and its window is not over: to be tried again by whoever has time, after this long at most. */
  postponedMs: number | null
}

/** Of one read, about: what it returns below them is all there was. */
const readLimits = { records: 10_000, bytes: 8 * 1024 * 1024 } as const

/** Wake-ups while a batch fills are answered at most this often, so that a trickle costs few reads. */
const pollMs = 50

/**
 * Reads the next batch of a shard: full, or whose window is over, or that the shard's end cuts short. Bounded by the
 * batch's own limits, whatever the shard holds.
 */
export async function gatherBatch(reader: ShardReader, input: GatherInput): Promise<GatheredBatch> {
  const batch: GatheredBatch = {
    records: [],
    next: input.from,
    closed: false,
    isFull: false,
    postponedMs: null,
  }
  let bytes = 0
  let { to } = input
  for (;;) {
    const read = await reader.read({
      shardId: input.shardId,
      from: batch.next,
      maxRecords: input.maxRecords - batch.records.length,
      maxBytes: input.maxBytes - bytes,
    })
    const last = read.records.at(-1)
    if (!last) {
      batch.closed = read.closed
      // What retention took is passed; but not in the middle of a batch, which has its first record already.
      if (batch.records.length === 0) batch.next = read.next
    } else {
      const held = batch.records.length > 0
      // What was to be tried again is gone, with its retention: what is here now is another batch.
      if (to !== null && !held && (read.records[0]?.sequence ?? 0n) > to) to = null
      const fresh = sizeOf(read.records)
      // One that is larger than what is left comes alone: it belongs to the next batch.
      if (held && bytes + fresh > input.maxBytes) return { ...batch, isFull: true }
      batch.records = held ? batch.records.concat(read.records) : read.records
      batch.next = read.next
      bytes += fresh
      const until = to
      if (until !== null && last.sequence >= until) {
        batch.records = batch.records.filter((record) => record.sequence <= until)
        return batch
      }
      if (batch.records.length >= input.maxRecords || bytes >= input.maxBytes)
        return { ...batch, isFull: true }
      // One read is bounded by its own limits, not by the batch's.
      if (read.records.length >= readLimits.records || fresh >= readLimits.bytes) continue
    }
    const [first] = batch.records
    if (!first || batch.closed || input.windowMs === 0) return batch
    const left = first.arrivedAt.getTime() + input.windowMs - input.now()
    if (left <= 0 || input.signal.aborted) return batch
    if ((await input.waitForMore(left)) === 'leave') return { ...batch, postponedMs: left }
    await wait(Math.min(left, pollMs), input.signal)
  }
}

function sizeOf(records: readonly LogRecord[]): number {
  let bytes = 0
  for (const { data, partitionKey } of records)
    bytes += data.length + Buffer.byteLength(partitionKey)
  return bytes
}

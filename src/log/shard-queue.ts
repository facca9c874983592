import { MillraceError } from '../base/errors.ts'
import type { AppendedFrame, Frame } from './append-frames.ts'
import type { Shard } from './describe-stream.ts'
import type { PutResult } from './new-record.ts'

/** A flush is one statement with a call a frame; PostgreSQL takes 1,664 of them, and each length is a statement to plan. */
const limits = {
  frameRecords: 2_000,
  frameBytes: 1_048_576,
  flushBytes: 4_194_304,
  flushFrames: 64,
} as const

/** A record that waits. */
export interface Entry {
  hashKey: bigint
  /** The partition key as UTF-8. */
  key: Uint8Array
  data: Uint8Array
  settle: (result: PutResult) => void
}

/** What waits for one shard, in order. */
export interface ShardQueue {
  stream: string
  shard: Shard
  entries: Entry[]
  /** How often these entries found their shard closed. */
  reroutes: number
}

/** Takes from each of a lane's queues up to one frame, as long as the flush stays within its limits. */
export function takeBatch(
  queues: Map<number, ShardQueue>,
  isHeld: (queue: ShardQueue) => boolean,
): ShardQueue[] {
  const batch: ShardQueue[] = []
  let flushBytes = 0
  for (const [id, queue] of queues) {
    if (isHeld(queue)) continue
    let count = 0
    let bytes = 0
    while (count < queue.entries.length && count < limits.frameRecords) {
      const entry = queue.entries[count]
      if (!entry) break
      bytes += entry.data.length + entry.key.length
      if (count > 0 && bytes > limits.frameBytes) break
      count += 1
    }
    batch.push({ ...queue, entries: queue.entries.slice(0, count) })
    if (count === queue.entries.length) queues.delete(id)
    else queue.entries = queue.entries.slice(count)
    flushBytes += bytes
    if (flushBytes > limits.flushBytes || batch.length === limits.flushFrames) break
  }
  return batch
}

export function toFrame(queue: ShardQueue): Frame {
  const keys = queue.entries.map((entry) => entry.key)
  const data = queue.entries.map((entry) => entry.data)
  let bytes = 0
  for (const entry of queue.entries) bytes += entry.data.length + entry.key.length
  return { shardId: queue.shard.id, keys, data, bytes }
}

/** Settles a frame's records: stored ones with their numbers, refused ones alone; returns how many are stored. */
export function acknowledge(queue: ShardQueue, frame: AppendedFrame): number {
  let sequence = frame.first
  for (const [index, entry] of queue.entries.entries())
    if (frame.refused.has(index)) entry.settle(failed(rateExceeded(queue)))
    else {
      entry.settle({ ok: true, shard: queue.shard.number, sequence })
      sequence += 1n
    }
  return queue.entries.length - frame.refused.size
}

export function failed(error: MillraceError): PutResult {
  return { ok: false, error }
}

function rateExceeded({ stream, shard }: ShardQueue): MillraceError {
  return new MillraceError(
    'throughput_exceeded',
    `rate exceeded for shard ${shard.number} of stream "${stream}": send this record again in a moment, or split the shard`,
    { retryable: true, details: { stream, shard: shard.number } },
  )
}

import { MillraceError } from '../../../base/errors.ts'
import type { Frame } from '../../../log/append-frames.ts'
import { findRange } from '../../../log/hash-ring.ts'
import type { OpenShard, Route } from './route.ts'

/** A record on its way into the other stream. */
export interface Entry {
  hashKey: bigint
  /** The partition key as UTF-8. */
  key: Uint8Array
  data: Uint8Array
}

export interface RoutedFrame extends Frame {
  shard: OpenShard
  entries: Entry[]
}

/** As a producer has it: what one append, and one statement, is worth. */
const limits = {
  frameRecords: 2_000,
  frameBytes: 1_048_576,
  statementBytes: 4_194_304,
  statementFrames: 64,
} as const

/**
 * Routes records to shards as frames: shards ascending by id, each shard's records in their order, cut where an append
 * would be too large. They come in groups, each for one statement.
 */
export function toFrames(entries: readonly Entry[], route: Route): RoutedFrame[][] {
  const byShard = new Map<OpenShard, RoutedFrame[]>()
  for (const entry of entries) {
    const shard = findRange(route.shards, entry.hashKey)
    if (!shard)
      throw new MillraceError('internal', `no shard of stream "${route.stream}" holds a hash key`)
    const frames = byShard.get(shard) ?? []
    byShard.set(shard, frames)
    const bytes = entry.key.length + entry.data.length
    let frame = frames.at(-1)
    if (
      !frame ||
      frame.keys.length === limits.frameRecords ||
      frame.bytes + bytes > limits.frameBytes
    ) {
      frame = { shard, shardId: shard.id, keys: [], data: [], entries: [], bytes: 0 }
      frames.push(frame)
    }
    frame.keys.push(entry.key)
    frame.data.push(entry.data)
    frame.entries.push(entry)
    frame.bytes += bytes
  }
  const ascending = [...byShard.entries()].sort(([a], [b]) => a.id - b.id)
  return group(ascending.flatMap(([, frames]) => frames))
}

function group(frames: readonly RoutedFrame[]): RoutedFrame[][] {
  const groups: RoutedFrame[][] = []
  let bytes = 0
  for (const frame of frames) {
    const last = groups.at(-1)
    if (
      last &&
      last.length < limits.statementFrames &&
      bytes + frame.bytes <= limits.statementBytes
    ) {
      last.push(frame)
      bytes += frame.bytes
      continue
    }
    groups.push([frame])
    bytes = frame.bytes
  }
  return groups
}

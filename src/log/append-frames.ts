import type { Pool } from 'pg'
import { boundQuery, createMessageBuffers, type MessageBuffers } from '../db/bound-query.ts'

/** The records of one append to one shard. */
export interface Frame {
  shardId: number
  /** UTF-8 partition keys, one a record. */
  keys: Uint8Array[]
  data: Uint8Array[]
  /** Bytes of keys and data together, as the rates count them. */
  bytes: number
}

/** What became of a frame. Its stored records are numbered from `first` on, in their order. */
export interface AppendedFrame {
  first: bigint
  /** Places (from 0) of the records that the shard's rate refused: they are stored nowhere. */
  refused: ReadonlySet<number>
}

/** Buffers for `count` appends at the same time; beyond 8 MiB, twice a producer's flush, none is kept. */
export function createFrameBuffers(count: number): MessageBuffers {
  return createMessageBuffers({ keep: count, keepBytes: 8 * 1024 * 1024 })
}

const lockTimeoutMs = 2_000
const noneRefused: ReadonlySet<number> = new Set()

/**
 * Appends frames, one a shard, in one transaction and one round trip. Resolves when it is committed and flushed; null
 * stands for a frame whose shard is not open (its records are then nowhere).
 *
 * Writes: one frame row a shard, through millrace.append_frame (migrations/ has its locks and its order).
 * Locks: the shards' rows in ascending id, so two appends never wait for each other in a circle. It waits at most 2 s for
 * one: a transaction that appended in SQL holds its shard until it ends (fails with 55P03 then, and nothing is stored).
 * Order: the select list is evaluated from left to right, each call with snapshots of its own; autocommit ends it.
 */
export async function appendFrames(
  deps: { pool: Pool; buffers?: MessageBuffers },
  frames: readonly Frame[],
): Promise<(AppendedFrame | null)[]> {
  const ascending = [...frames].sort((a, b) => a.shardId - b.shardId)
  const calls = ascending.map((_, index) => {
    const at = index * 4
    return `millrace.append_frame($${at + 1}::int, $${at + 2}::int, $${at + 3}::text[], $${at + 4}::bytea[])`
  })
  const buffers = deps.buffers ?? createFrameBuffers(0)
  const rows = await boundQuery<[string, ...(string[] | null)[]]>(
    { pool: deps.pool, buffers },
    {
      name: `millrace.append_${frames.length}`,
      text: `select set_config('lock_timeout', '${lockTimeoutMs}', true),\n       ${calls.join(',\n       ')}`,
      parameters: ascending.flatMap((frame) => [
        { type: 'int4', value: frame.shardId },
        { type: 'int4', value: frame.bytes },
        { type: 'text[]', values: frame.keys },
        { type: 'bytea[]', values: frame.data },
      ]),
    },
  )
  const [, ...results] = rows[0] ?? ['']
  const byId = new Map<number, AppendedFrame | null>()
  for (const [index, frame] of ascending.entries())
    byId.set(frame.shardId, toAppended(results[index] ?? null))
  return frames.map((frame) => byId.get(frame.shardId) ?? null)
}

/** Reads what millrace.append_frame returns: the first number, then the refused places, from 1. */
function toAppended(result: readonly string[] | null): AppendedFrame | null {
  if (result === null) return null
  const [first = '0', ...places] = result
  return {
    first: BigInt(first),
    refused: places.length === 0 ? noneRefused : new Set(places.map((place) => Number(place) - 1)),
  }
}

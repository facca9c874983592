import type { Pool } from 'pg'
import { encodeBinaryArray } from '../db/binary-array.ts'

/** The records of one append to one shard. */
export interface Frame {
  shardId: number
  /** UTF-8 partition keys, one a record. */
  keys: Uint8Array[]
  data: Uint8Array[]
  /** Bytes of keys and data together, as the rates count them. */
  bytes: number
}

/**
 * Appends frames, one a shard, in one transaction and one round trip. Resolves when it is committed and flushed, to the
 * first sequence number of each frame, or null where the shard is not open (its records are then nowhere).
 *
 * Writes: one frame row a shard, through millrace.append_frame (migrations/ has its locks and its order).
 * Locks: the shards' rows in ascending id, so two appends never wait for each other in a circle.
 * Order: the select list is evaluated from left to right, each call with snapshots of its own; autocommit ends it.
 */
export async function appendFrames(
  deps: { pool: Pool },
  frames: readonly Frame[],
): Promise<(bigint | null)[]> {
  const ascending = [...frames].sort((a, b) => a.shardId - b.shardId)
  const calls = ascending.map((_, index) => {
    const at = index * 4
    return `millrace.append_frame($${at + 1}::int, $${at + 2}::int, $${at + 3}::text[], $${at + 4}::bytea[])`
  })
  const { rows } = await deps.pool.query<(string | null)[]>({
    name: `millrace.append_${frames.length}`,
    text: `select ${calls.join(',\n       ')}`,
    values: ascending.flatMap((frame) => [
      frame.shardId,
      frame.bytes,
      encodeBinaryArray(frame.keys, 'text'),
      encodeBinaryArray(frame.data, 'bytea'),
    ]),
    rowMode: 'array',
  })
  const firstById = new Map<number, bigint | null>()
  for (const [index, frame] of ascending.entries()) {
    const first = rows[0]?.[index] ?? null
    firstById.set(frame.shardId, first === null ? null : BigInt(first))
  }
  return frames.map((frame) => firstById.get(frame.shardId) ?? null)
}

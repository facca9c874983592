import { MillraceError } from '../base/errors.ts'
import { maxHashKey } from './hash-ring.ts'

/** A record on its way in. */
export interface NewRecord {
  /** Chooses the shard; records of one key keep their order. 1-256 characters, none of them NUL. */
  partitionKey: string
  data: Uint8Array
  /** Chooses the shard instead of the partition key's hash: 0..2^128-1. */
  explicitHashKey?: bigint | undefined
}

/** What became of one record. `sequence` is durable: an ack means committed and flushed. */
export type PutResult =
  | { ok: true; shard: number; sequence: bigint }
  | { ok: false; error: MillraceError }

/** Why this record cannot be stored in a stream that takes `maxRecordBytes`; null when it can. */
export function recordProblem(
  record: NewRecord,
  keyBytes: number,
  maxRecordBytes: number,
): MillraceError | null {
  const { partitionKey, data, explicitHashKey } = record
  // Characters are code points, so an emoji is one; length in UTF-16 units is the cheap upper bound.
  if (partitionKey.length === 0 || (partitionKey.length > 256 && [...partitionKey].length > 256))
    return new MillraceError(
      'invalid_argument',
      `expected a partition key of 1 to 256 characters, got ${[...partitionKey].length}`,
      { details: { limit: 256 } },
    )
  if (partitionKey.includes('\0'))
    return new MillraceError('invalid_argument', 'expected a partition key without NUL, got one')
  if (explicitHashKey !== undefined && (explicitHashKey < 0n || explicitHashKey > maxHashKey))
    return new MillraceError(
      'invalid_argument',
      `expected an explicit hash key in the range 0 to 2^128-1, got ${explicitHashKey}`,
      { details: { limit: String(maxHashKey) } },
    )
  if (data.length + keyBytes > maxRecordBytes)
    return new MillraceError(
      'limit_exceeded',
      `expected a record (data and partition key) of at most ${maxRecordBytes} bytes, got ${data.length + keyBytes}`,
      { details: { limit: maxRecordBytes, bytes: data.length + keyBytes } },
    )
  return null
}

import type { PoolClient } from 'pg'
import type { LogRecord } from '../log/read-records.ts'

/** The records of one shard that go through a pipeline together. */
export interface Batch {
  stream: string
  shardId: number
  /** The shard's number in its stream. */
  shard: number
  /** Ascending, without a gap, at least one. */
  records: readonly LogRecord[]
}

/**
 * Writes a batch's effects in the transaction that also moves the checkpoint past it: both happen, or neither. Use only
 * this connection, and do the slow work before.
 */
export type Sink = (client: PoolClient) => Promise<void>

/** A named workflow over streams. */
export interface Pipeline {
  /** Names its checkpoints: another name starts over. */
  name: string
  /** The streams it follows. */
  streams: 'all' | readonly string[]
  /** Most records a batch has. Default 2,000. */
  batchRecords?: number
  /** Most bytes a batch has. Default 4 MiB. */
  batchBytes?: number
  /**
   * Runs the steps, outside any transaction, and returns what to write. It may run again for the same records after a
   * crash or an error, so its own effects must be idempotent. A `retryable` MillraceError means that the outside world
   * is at fault: the batch waits and is never given up. Any other error is blamed on a record of the batch.
   */
  process(batch: Batch, options: { signal: AbortSignal }): Promise<Sink>
}

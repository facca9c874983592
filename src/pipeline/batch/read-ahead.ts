import type { Pool } from 'pg'
import {
  type ReadRecordsInput,
  type ReadRecordsResult,
  readRecords,
} from '../../log/read-records.ts'

export interface ShardReader {
  read(input: ReadRecordsInput): Promise<ReadRecordsResult>
  /** Starts the read that will be asked for next, while its predecessor is being worked. */
  readAhead(input: ReadRecordsInput): void
}

/**
 * Reads a shard, one batch ahead when told to: so reading and working overlap, and at most two batches are in memory.
 * What was read ahead and is empty, failed, or not what is asked for is read again.
 */
export function createShardReader(deps: { pool: Pool }): ShardReader {
  let ahead: { input: ReadRecordsInput; result: Promise<ReadRecordsResult | null> } | undefined
  return {
    read: async (input) => {
      const kept = ahead
      ahead = undefined
      const isWanted =
        kept?.input.from === input.from &&
        kept.input.maxRecords === input.maxRecords &&
        kept.input.maxBytes === input.maxBytes
      const result = isWanted ? await kept.result : null
      return result && result.records.length > 0 ? result : readRecords(deps, input)
    },
    readAhead: (input) => {
      ahead = { input, result: readRecords(deps, input).catch(() => null) }
    },
  }
}

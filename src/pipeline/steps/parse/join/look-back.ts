import type { Pool } from 'pg'
import { findTail } from '../../../../log/find-tail.ts'
import { type LogRecord, readRecords } from '../../../../log/read-records.ts'

/**
 * How many records are looked back at: what a shard of Kinesis takes in the ten seconds that an event stays open; fewer
 * where they are large, or came a few at a time.
 */
const counts = [10_000, 1_000, 100, 10, 1] as const
const maxBytes = 10 << 20

/** A shard's last records up to a number, in their order; `isAll` when there are none before them. */
export async function lookBack(
  deps: { pool: Pool },
  shardId: number,
  upTo: bigint,
): Promise<{ records: LogRecord[]; isAll: boolean }> {
  for (const count of counts) {
    const from = await findTail(deps, { shardId, count, upTo })
    if (from === null) break
    const read = await readRecords(deps, { shardId, from, maxRecords: count, maxBytes })
    const records = read.records.filter((record) => record.sequence <= upTo)
    if (read.next > upTo || records.length === count)
      return { records, isAll: records.length < count }
  }
  return { records: [], isAll: false }
}

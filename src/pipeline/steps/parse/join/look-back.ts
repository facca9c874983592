import type { Pool } from 'pg'
import { findTail } from '../../../../log/find-tail.ts'
import { type LogRecord, readRecords } from '../../../../log/read-records.ts'

/**
 * How many records are looked back at: what a shard of Kinesis takes in the ten seconds that an event stays open; fewer
 * where they are large.
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
    const records = await readUpTo(deps, { shardId, from, upTo, count })
    if (records) return { records, isAll: records.length < count }
  }
  return { records: [], isAll: false }
}

/** The records between two numbers, `count` at most; null when they are too large. A read ends with its segment, or sooner. */
async function readUpTo(
  deps: { pool: Pool },
  { shardId, from, upTo, count }: { shardId: number; from: bigint; upTo: bigint; count: number },
): Promise<LogRecord[] | null> {
  const found: LogRecord[] = []
  let bytes = 0
  for (let next = from; next <= upTo && found.length < count; ) {
    const read = await readRecords(deps, { shardId, from: next, maxRecords: count - found.length })
    if (read.records.length === 0) break
    for (const record of read.records)
      if (record.sequence <= upTo) {
        found.push(record)
        bytes += record.data.length
      }
    if (bytes > maxBytes && count > 1) return null
    next = read.next
  }
  return found
}

import type { Pool } from 'pg'
import { describeStream } from '../../src/log/describe-stream.ts'
import { type LogRecord, readRecords } from '../../src/log/read-records.ts'

/** Every record of a stream, shard after shard. */
export async function readStream(
  deps: { pool: Pool },
  name: string,
): Promise<(LogRecord & { shard: number })[]> {
  const all: (LogRecord & { shard: number })[] = []
  for (const shard of (await describeStream(deps, name)).shards) {
    for (let from = 0n; ; ) {
      const { records, next } = await readRecords(deps, { shardId: shard.id, from })
      if (records.length === 0) break
      for (const record of records) all.push({ ...record, shard: shard.number })
      from = next
    }
  }
  return all
}

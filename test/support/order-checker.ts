import type { Pool } from 'pg'
import { describeStream, type Shard } from '../../src/log/describe-stream.ts'
import { hashKeyOf } from '../../src/log/hash-ring.ts'
import type { LogRecord } from '../../src/log/read-records.ts'

export interface Findings {
  records: number
  /** A key's number that came before. */
  duplicated: number
  /** A key's number below one that came before, or a sequence number not above the last of its shard. */
  outOfOrder: number
  /** A record in a shard whose hash keys do not hold its key's. */
  misrouted: number
}

/** Checks records, `KEY NUMBER` each, in the order in which a consumer gets them. */
export function createChecker() {
  const found: Findings = { records: 0, duplicated: 0, outOfOrder: 0, misrouted: 0 }
  const shards = new Map<number, Shard>()
  const lastOfShard = new Map<number, bigint>()
  const lastOfKey = new Map<string, number>()
  const seen = new Set<string>()
  const hashes = new Map<string, bigint>()

  const hashOf = (key: string) => {
    const known = hashes.get(key) ?? hashKeyOf(key)
    hashes.set(key, known)
    return known
  }

  return {
    findings: (): Findings => ({ ...found }),
    has: (record: string) => seen.has(record),
    check: async (
      pool: Pool,
      stream: string,
      batch: { shard: number; records: readonly LogRecord[] },
    ) => {
      if (!shards.has(batch.shard))
        for (const shard of (await describeStream({ pool }, stream)).shards)
          shards.set(shard.number, shard)
      const shard = shards.get(batch.shard)
      for (const { sequence, partitionKey, data } of batch.records) {
        const text = data.toString()
        const number = Number(text.split(' ')[1])
        const hash = hashOf(partitionKey)
        found.records += 1
        if (!shard || hash < shard.hashStart || hash > shard.hashEnd) found.misrouted += 1
        if (seen.has(text)) found.duplicated += 1
        seen.add(text)
        if (
          number <= (lastOfKey.get(partitionKey) ?? -1) ||
          sequence <= (lastOfShard.get(batch.shard) ?? -1n)
        )
          found.outOfOrder += 1
        lastOfKey.set(partitionKey, number)
        lastOfShard.set(batch.shard, sequence)
      }
    },
  }
}

import { MillraceError } from '../base/errors.ts'
import type { NewRecord, PutResult } from './new-record.ts'
import type { Producer } from './producer.ts'

/** Of one call, as Amazon Kinesis has them: PutRecords takes 500 records and 10 MiB, partition keys counted. */
const limits = { records: 500, bytes: 10 * 1024 * 1024 } as const

export interface PutRecordsResult {
  failedRecordCount: number
  /** One a record, in their order. */
  records: PutResult[]
}

/**
 * Puts 1-500 records, of 10 MiB together, and says of each what became of it: one that cannot be stored, or that its
 * shard's rate refuses (`throughput_exceeded`), fails alone. A refused record does not hold back later ones of other
 * keys. Fails as a whole with `limit_exceeded`, and as `Producer.put` does.
 */
export async function putRecords(
  deps: { producer: Pick<Producer, 'put'> },
  input: { stream: string; records: readonly NewRecord[] },
): Promise<PutRecordsResult> {
  const { stream, records } = input
  const fail = (what: string, limit: number, found: number) =>
    new MillraceError('limit_exceeded', `put records: expected ${what}, got ${found}`, {
      details: { limit, found },
    })
  if (records.length === 0 || records.length > limits.records)
    throw fail(`1 to ${limits.records} records`, limits.records, records.length)
  let bytes = 0
  for (const { partitionKey, data } of records)
    bytes += Buffer.byteLength(partitionKey) + data.length
  if (bytes > limits.bytes)
    throw fail(`records of at most ${limits.bytes} bytes together`, limits.bytes, bytes)
  const results = await deps.producer.put(stream, records)
  return { failedRecordCount: results.filter((result) => !result.ok).length, records: results }
}

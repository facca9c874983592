import { formatCitation } from '../log/citation.ts'
import type { LogRecord } from '../log/read-records.ts'
import { toJson } from './to-json.ts'

/** Prints a record as a line: its citation, its arrival and its data, or all of it as JSON. */
export function printRecord(
  place: { stream: string; shard: number },
  record: LogRecord,
  options: { json?: boolean } = {},
): void {
  const citation = formatCitation({ ...place, sequence: record.sequence })
  const arrivedAt = record.arrivedAt.toISOString()
  const data = record.data.toString('utf8')
  console.log(
    options.json
      ? toJson({ citation, arrivedAt, partitionKey: record.partitionKey, data })
      : `${citation}\t${arrivedAt}\t${data}`,
  )
}

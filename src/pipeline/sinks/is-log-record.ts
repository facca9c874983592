import type { LogRecord } from '../../log/read-records.ts'

/** True for a record as the log returns it: what a pipeline without steps hands to its sinks. */
export function isLogRecord(value: unknown): value is LogRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sequence' in value &&
    typeof value.sequence === 'bigint' &&
    'partitionKey' in value &&
    typeof value.partitionKey === 'string' &&
    'data' in value &&
    value.data instanceof Uint8Array &&
    'arrivedAt' in value &&
    value.arrivedAt instanceof Date
  )
}

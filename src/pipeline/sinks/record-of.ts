import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { StepContext } from '../step.ts'

/** The record behind the value at this place. */
export function recordOf(context: StepContext, place: number): LogRecord {
  const record = context.records[place]
  if (record) return record
  throw new MillraceError(
    'internal',
    `expected a record behind each value, value ${place} of shard ${context.shard} of "${context.stream}" has none`,
  )
}

/** Names a record in an error: never by what is in it. */
export function nameRecord(context: StepContext, place: number): string {
  return `record ${recordOf(context, place).sequence} of shard ${context.shard} of stream "${context.stream}"`
}

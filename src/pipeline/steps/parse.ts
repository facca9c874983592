import type { LogRecord } from '../../log/read-records.ts'
import type { Step, StepOptions } from '../step.ts'
import { createTimeKeeper } from './inherit-time.ts'
import { type ParsedEvent, parseRecord } from './parse/parse-record.ts'

/**
 * Records as events, in whatever format they are: no line is dropped, and none fails. A line without a time of its own
 * gets that of the line before it of the same shard and partition key.
 */
export function parse(options: StepOptions = {}): Step<LogRecord, ParsedEvent> {
  return {
    name: 'parse',
    shape: 'each',
    options: { timeoutMs: 60_000, ...options },
    open: () => {
      const keepTime = createTimeKeeper()
      return (records, { shardId }) =>
        records.map((record) => {
          const source = `${shardId}/${record.partitionKey}`
          return keepTime({ source, arrivedAt: record.arrivedAt, event: parseRecord(record) })
        })
    },
  }
}

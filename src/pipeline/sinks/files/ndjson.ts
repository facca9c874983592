import { isUtf8 } from 'node:buffer'
import type { LogRecord } from '../../../log/read-records.ts'
import { isLogRecord } from '../is-log-record.ts'
import { toJsonLine } from '../plain-json.ts'

/**
 * One JSON line a value; undefined when a value has no JSON. Of a record
 * `{ stream, shard, sequence, partitionKey, arrivedAt, data }`.
 */
export function toNdjsonLine(
  value: unknown,
  place: { stream: string; shard: number },
): string | undefined {
  if (!isLogRecord(value)) return toJsonLine(value)
  const { sequence, partitionKey, arrivedAt } = value
  const head = JSON.stringify({
    ...place,
    sequence: String(sequence),
    partitionKey,
    arrivedAt: arrivedAt.toISOString(),
  })
  return `${head.slice(0, -1)},"data":${dataAsJson(value.data)}}`
}

/**
 * A record's data as JSON: itself where it is JSON, a text where it is UTF-8, else `{ base64 }`. JSON keeps its own
 * spelling, so that no number loses a digit; a line break in it can only be space.
 */
function dataAsJson(data: LogRecord['data']): string {
  if (!isUtf8(data)) return JSON.stringify({ base64: Buffer.from(data).toString('base64') })
  const text = Buffer.from(data).toString('utf8')
  return isJson(text) ? text.trim().replaceAll(/[\r\n]+/g, ' ') : JSON.stringify(text)
}

function isJson(text: string): boolean {
  if (!/^[ \t\r\n]*[[{"\-0-9tfn]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

import { type Draft, mergeInner, type ReadLine } from './draft.ts'
import { readFields } from './fields.ts'

/**
 * Reads a structured record whose message may be a raw line that a shipper carried unread: where no
 * field names a severity and the message reads as a line that has one, the line is read too.
 */
export function readShippedFields(
  draft: Draft,
  fields: Record<string, unknown>,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const found = readFields(draft, fields, arrivedMs)
  if (draft.severity !== 0 || draft.body === null || !hasMessage(fields)) return found
  const line = readLine(draft.body)
  if (line.severity !== 0) mergeInner(draft, line)
  return found
}

function hasMessage(fields: Record<string, unknown>): boolean {
  return typeof (fields.message ?? fields.log ?? fields.msg ?? fields.MESSAGE) === 'string'
}

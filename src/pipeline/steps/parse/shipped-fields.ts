import { type Draft, mergeInner, type ReadLine, setLoose } from './draft.ts'
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
  setLoose(draft, line, draft.host, draft.service, draft.pod, fileOf(fields))
  if (line.severity !== 0) mergeInner(draft, line)
  return found
}

/** The file that a shipper read the line from. */
function fileOf(fields: Record<string, unknown>): string {
  const { log, file, path, filename } = fields
  const inner = typeof log === 'object' && log !== null ? (log as { file?: unknown }).file : file
  const name =
    typeof inner === 'object' && inner !== null ? (inner as { path?: unknown }).path : inner
  const found = name ?? path ?? filename
  return typeof found === 'string' ? found : ''
}

function hasMessage(fields: Record<string, unknown>): boolean {
  return typeof (fields.message ?? fields.log ?? fields.msg ?? fields.MESSAGE) === 'string'
}

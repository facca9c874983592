import { MillraceError } from '../../base/errors.ts'

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a body at its line feeds (and drops a carriage return before one). Each line keeps its own bytes, whatever they
 * are; empty ones are counted only. Fails with `limit_exceeded` when there are more than `maxRecords`.
 */
export function splitLines(body: Buffer, maxRecords: number): { lines: Buffer[]; skipped: number } {
  const lines: Buffer[] = []
  let skipped = 0
  for (let start = 0; start < body.length; ) {
    const found = body.indexOf(newline, start)
    const next = found === -1 ? body.length : found
    const end = next > start && body[next - 1] === carriageReturn ? next - 1 : next
    if (end === start) skipped += 1
    else lines.push(body.subarray(start, end))
    if (lines.length > maxRecords) throw tooManyRecords(maxRecords)
    start = next + 1
  }
  return { lines, skipped }
}

export function tooManyRecords(limit: number): MillraceError {
  return new MillraceError(
    'limit_exceeded',
    `expected at most ${limit} records in a request; send them in several`,
    { details: { limit } },
  )
}

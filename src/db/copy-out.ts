import type { PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { MillraceError } from '../base/errors.ts'

/** `PGCOPY\n\377\r\n\0`, then 4 bytes of flags and 4 of the length of an extension that nobody uses. */
const headerBytes = 19

/**
 * Runs `query` as `COPY (...) TO STDOUT (FORMAT binary)` and returns its rows as raw fields (null for SQL null): three
 * times faster than rows in text form, and node-pg's own binary mode corrupts them. COPY takes no parameters, so
 * whoever builds `query` may put only numbers and quoted identifiers into it.
 */
export async function copyOut(client: PoolClient, query: string): Promise<(Buffer | null)[][]> {
  const chunks: Buffer[] = []
  for await (const chunk of client.query(copyTo(`copy (${query}) to stdout (format binary)`)))
    chunks.push(chunk)
  return decodeCopy(Buffer.concat(chunks))
}

/** Decodes a whole binary COPY: header, rows of length-prefixed fields, trailer of -1. */
export function decodeCopy(data: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = []
  let position = headerBytes
  while (position + 2 <= data.length) {
    const fieldCount = data.readInt16BE(position)
    position += 2
    if (fieldCount === -1) return rows
    const fields: (Buffer | null)[] = new Array(fieldCount)
    for (let index = 0; index < fieldCount; index += 1) {
      const size = data.readInt32BE(position)
      position += 4
      fields[index] = size === -1 ? null : data.subarray(position, position + size)
      if (size > 0) position += size
    }
    rows.push(fields)
  }
  throw new MillraceError('database_unavailable', 'a COPY from the database ended early', {
    retryable: true,
  })
}

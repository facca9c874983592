/** Element types whose binary array form is encoded here, by their pg_type oid. */
const oids = { bytea: 17, text: 25 } as const

/**
 * Encodes values as PostgreSQL's binary array (one dimension, no nulls), to be sent as one `Buffer` parameter and cast
 * with `$1::bytea[]`: 2-4 times faster than node-pg's own array literals. Wire: dimensions, flags, oid, length, lower
 * bound, then each element as its length and bytes.
 */
export function encodeBinaryArray(values: readonly Uint8Array[], type: keyof typeof oids): Buffer {
  let size = 20
  for (const value of values) size += 4 + value.length
  const out = Buffer.allocUnsafe(size)
  out.writeInt32BE(1, 0)
  out.writeInt32BE(0, 4)
  out.writeInt32BE(oids[type], 8)
  out.writeInt32BE(values.length, 12)
  out.writeInt32BE(1, 16)
  let position = 20
  for (const value of values) {
    out.writeInt32BE(value.length, position)
    out.set(value, position + 4)
    position += 4 + value.length
  }
  return out
}

/** The elements of such an array, as views of `buffer`. An empty array has no dimensions. */
export function decodeBinaryArray(buffer: Buffer): Buffer[] {
  if (buffer.readInt32BE(0) === 0) return []
  const length = buffer.readInt32BE(12)
  const elements: Buffer[] = new Array(length)
  let position = 20
  for (let index = 0; index < length; index += 1) {
    const size = buffer.readInt32BE(position)
    elements[index] = buffer.subarray(position + 4, position + 4 + size)
    position += 4 + size
  }
  return elements
}

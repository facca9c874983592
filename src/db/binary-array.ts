/** Element types whose binary array form is encoded here, by their pg_type oid. */
const oids = { bytea: 17, text: 25 } as const

/** The length of the binary array of these values. */
export function binaryArrayBytes(values: readonly Uint8Array[]): number {
  let bytes = 20
  for (const value of values) bytes += 4 + value.length
  return bytes
}

/**
 * Encodes values as PostgreSQL's binary array (one dimension, no nulls), to be sent as one `Buffer` parameter and cast
 * with `$1::bytea[]`: 2-4 times faster than node-pg's own array literals.
 */
export function encodeBinaryArray(values: readonly Uint8Array[], type: keyof typeof oids): Buffer {
  const out = Buffer.allocUnsafe(binaryArrayBytes(values))
  writeBinaryArray(out, 0, values, type)
  return out
}

/**
 * Writes such an array into `out` and returns the place behind it. Wire: dimensions, flags, oid, length, lower bound,
 * then each element as its length and bytes.
 */
export function writeBinaryArray(
  out: Buffer,
  at: number,
  values: readonly Uint8Array[],
  type: keyof typeof oids,
): number {
  out.writeInt32BE(1, at)
  out.writeInt32BE(0, at + 4)
  out.writeInt32BE(oids[type], at + 8)
  out.writeInt32BE(values.length, at + 12)
  out.writeInt32BE(1, at + 16)
  let position = at + 20
  for (const value of values) {
    out.writeInt32BE(value.length, position)
    out.set(value, position + 4)
    position += 4 + value.length
  }
  return position
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

/** The elements of a text array as strings. */
export function decodeTextArray(buffer: Buffer): string[] {
  if (buffer.readInt32BE(0) === 0) return []
  const length = buffer.readInt32BE(12)
  const elements: string[] = new Array(length)
  let position = 20
  for (let index = 0; index < length; index += 1) {
    const end = position + 4 + buffer.readInt32BE(position)
    elements[index] = buffer.toString('utf8', position + 4, end)
    position = end
  }
  return elements
}

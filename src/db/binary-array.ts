/** Element types whose binary array form is encoded here, by their pg_type oid. */
const oids = { bytea: 17, int8: 20, int4: 23, text: 25, float8: 701 } as const

/** Dimensions, flags, oid, length and lower bound, four bytes each, stand before the elements. */
const headerBytes = 20

/** The length of the binary array of these values. */
export function binaryArrayBytes(values: readonly Uint8Array[]): number {
  let bytes = headerBytes
  for (const value of values) bytes += 4 + value.length
  return bytes
}

/*
 * Arrays in PostgreSQL's binary form (one dimension, no nulls), to be sent as one `Buffer` parameter and cast, as in
 * `$1::text[]`: 2-4 times faster than node-pg's own array literals.
 */

/** Up to here a text array is given the three bytes that any character may take, instead of being measured first. */
const guessedBytes = 4 * 1024 * 1024

/** A text array. What is no character (half a surrogate pair) becomes U+FFFD; NUL is refused by the server. */
export function encodeTextArray(values: readonly string[]): Buffer {
  let units = 0
  for (const value of values) units += value.length
  let most = units * 3
  if (most > guessedBytes) {
    most = 0
    for (const value of values) most += Buffer.byteLength(value)
  }
  const out = Buffer.allocUnsafe(headerBytes + 4 * values.length + most)
  let at = writeHeader(out, 0, 'text', values.length)
  for (const value of values) {
    const length = value === '' ? 0 : out.write(value, at + 4)
    at = out.writeInt32BE(length, at) + length
  }
  return out.subarray(0, at)
}

export function encodeInt4Array(values: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(headerBytes + 8 * values.length)
  let at = writeHeader(out, 0, 'int4', values.length)
  for (const value of values) at = out.writeInt32BE(value, out.writeInt32BE(4, at))
  return out
}

export function encodeInt8Array(values: readonly bigint[]): Buffer {
  const out = Buffer.allocUnsafe(headerBytes + 12 * values.length)
  let at = writeHeader(out, 0, 'int8', values.length)
  for (const value of values) at = out.writeBigInt64BE(value, out.writeInt32BE(8, at))
  return out
}

export function encodeFloat8Array(values: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(headerBytes + 12 * values.length)
  let at = writeHeader(out, 0, 'float8', values.length)
  for (const value of values) at = out.writeDoubleBE(value, out.writeInt32BE(8, at))
  return out
}

function writeHeader(out: Buffer, at: number, type: keyof typeof oids, length: number): number {
  for (const field of [1, 0, oids[type], length, 1]) at = out.writeInt32BE(field, at)
  return at
}

/** Writes an array of values that are bytes already into `out` and returns the place behind it. */
export function writeBinaryArray(
  out: Buffer,
  at: number,
  values: readonly Uint8Array[],
  type: 'bytea' | 'text',
): number {
  let position = writeHeader(out, at, type, values.length)
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
  let position = headerBytes
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
  let position = headerBytes
  for (let index = 0; index < length; index += 1) {
    const end = position + 4 + buffer.readInt32BE(position)
    elements[index] = buffer.toString('utf8', position + 4, end)
    position = end
  }
  return elements
}

import { binaryArrayBytes, writeBinaryArray } from '../../src/db/binary-array.ts'

/** Values as PostgreSQL's binary array, to be sent as one parameter. */
export function encodeBinaryArray(values: readonly Uint8Array[], type: 'bytea' | 'text'): Buffer {
  const out = Buffer.allocUnsafe(binaryArrayBytes(values))
  writeBinaryArray(out, 0, values, type)
  return out
}

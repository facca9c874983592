import { binaryArrayBytes, writeBinaryArray } from './binary-array.ts'

/** A parameter in PostgreSQL's binary form. */
export type BoundParameter =
  | { type: 'int4'; value: number }
  | { type: 'bytea[]' | 'text[]'; values: readonly Uint8Array[] }

const binary = 1

/** The length of the Bind message of these parameters, in bytes. */
export function bindMessageBytes(statement: string, parameters: readonly BoundParameter[]): number {
  // Type, length, empty portal, statement, formats (count, one for all), parameter count, result formats (none: text).
  let bytes = 1 + 4 + 1 + Buffer.byteLength(statement) + 1 + 4 + 2 + 2
  for (const parameter of parameters)
    bytes += 4 + (parameter.type === 'int4' ? 4 : binaryArrayBytes(parameter.values))
  return bytes
}

/** Writes a whole Bind message of the unnamed portal to the start of `out`; every parameter is binary, results are text. */
export function writeBindMessage(
  out: Buffer,
  statement: string,
  parameters: readonly BoundParameter[],
): void {
  let at = out.writeUInt8(0x42, 0)
  at = out.writeInt32BE(bindMessageBytes(statement, parameters) - 1, at)
  at = out.writeUInt8(0, at)
  at += out.write(statement, at)
  at = out.writeUInt8(0, at)
  at = out.writeInt16BE(1, at)
  at = out.writeInt16BE(binary, at)
  at = out.writeInt16BE(parameters.length, at)
  for (const parameter of parameters)
    if (parameter.type === 'int4') {
      at = out.writeInt32BE(4, at)
      at = out.writeInt32BE(parameter.value, at)
    } else {
      at = out.writeInt32BE(binaryArrayBytes(parameter.values), at)
      at = writeBinaryArray(
        out,
        at,
        parameter.values,
        parameter.type === 'text[]' ? 'text' : 'bytea',
      )
    }
  out.writeInt16BE(0, at)
}

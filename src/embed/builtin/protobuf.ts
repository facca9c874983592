/**
 * Just enough of the protobuf wire format to write an ONNX model.
 * A message under construction is a list of chunks, so that 45 MB of weights are copied once, at the end.
 */
export interface Chunks {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
}

const WIRE_VARINT = 0
const WIRE_LENGTH = 2
const WIRE_FIXED32 = 5

/** An integer field; negative numbers as two's complement of 64 bits, as int32 and int64 are encoded. */
export function integer(field: number, value: number | bigint): Chunks {
  return chunk([...key(field, WIRE_VARINT), ...varint(value)])
}

export function float(field: number, value: number): Chunks {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return chunk([...key(field, WIRE_FIXED32), ...bytes])
}

export function string(field: number, value: string): Chunks {
  return blob(field, Buffer.from(value, 'utf8'))
}

/** Raw bytes; they are not copied until `toBytes`. */
export function blob(field: number, value: Uint8Array): Chunks {
  return message(field, [{ parts: [value], bytes: value.byteLength }])
}

/** A nested message, made of its fields in order. */
export function message(field: number, fields: readonly Chunks[]): Chunks {
  const body = fieldsOf(fields)
  const head = chunk([...key(field, WIRE_LENGTH), ...varint(body.bytes)])
  return fieldsOf([head, body])
}

/** The outermost message's bytes. */
export function toBytes(fields: readonly Chunks[]): Buffer {
  const { parts, bytes } = fieldsOf(fields)
  return Buffer.concat(parts, bytes)
}

function fieldsOf(fields: readonly Chunks[]): Chunks {
  return {
    parts: fields.flatMap((field) => field.parts),
    bytes: fields.reduce((total, field) => total + field.bytes, 0),
  }
}

function chunk(bytes: readonly number[]): Chunks {
  return { parts: [Uint8Array.from(bytes)], bytes: bytes.length }
}

function key(field: number, wireType: number): number[] {
  return varint((field << 3) | wireType)
}

function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

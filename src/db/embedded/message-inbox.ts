import { MillraceError } from '../../base/errors.ts'
import { violation, type WireMessage } from './wire.ts'

/** Cuts the bytes that a client sends into messages. */
export interface MessageInbox {
  push(chunk: Buffer): void
  /** The next packet of the start of a connection (no type byte), or undefined until all of it is there. */
  startupPacket(): Buffer | undefined
  /** The next message, or undefined until all of it is there. Fails with `invalid_argument` or `limit_exceeded` by its length. */
  message(): WireMessage | undefined
}

/** Longest start of a connection; Postgres' own limit. */
const maxStartupBytes = 10_000

/** An inbox that refuses messages longer than `maxBytes`. A message is copied at most once, when its last byte came. */
export function createMessageInbox(maxBytes: number): MessageInbox {
  let chunks: Buffer[] = []
  let length = 0

  /** The first `count` bytes or more, in one buffer; they stay. */
  const peek = (count: number): Buffer | undefined => {
    if (length < count) return undefined
    const [first] = chunks
    if (first !== undefined && first.length >= count) return first
    const all = Buffer.concat(chunks)
    chunks = [all]
    return all
  }

  const take = (count: number): Buffer | undefined => {
    const bytes = peek(count)
    if (bytes === undefined) return undefined
    length -= count
    if (bytes.length === count) chunks.shift()
    else chunks[0] = bytes.subarray(count)
    return bytes.subarray(0, count)
  }

  return {
    push: (chunk) => {
      chunks.push(chunk)
      length += chunk.length
    },

    startupPacket: () => {
      const size = peek(4)?.readInt32BE(0)
      if (size === undefined) return undefined
      if (size < 8 || size > maxStartupBytes)
        throw violation(`expected a startup packet of 8 to ${maxStartupBytes} bytes, got ${size}`)
      return take(size)
    },

    message: () => {
      const head = peek(5)
      if (head === undefined) return undefined
      const type = String.fromCharCode(head.readUInt8(0))
      const size = head.readInt32BE(1)
      if (size < 4) throw violation(`expected a message of 4 bytes or more, got length ${size}`)
      if (size > maxBytes)
        throw new MillraceError(
          'limit_exceeded',
          `expected messages of at most ${maxBytes} bytes, got one of ${size}`,
        )
      const bytes = take(1 + size)
      return bytes && { type, bytes }
    },
  }
}

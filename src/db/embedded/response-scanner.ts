/**
 * Finds, in the bytes that Postgres answers with, the few messages the multiplexer must see, and lets the rest pass as
 * they come, so that neither a row of 500 MB nor a million small ones is held or cut up.
 */
export interface ResponseScanner {
  /** Takes the next bytes; they are copied, since the engine uses the memory again. */
  push(chunk: Uint8Array): void
  /** True while a message has passed in part: nothing else may be written to the client in between. */
  isMidMessage(): boolean
}

export interface ResponseHandler {
  /** Bytes of other messages, in order, cut anywhere. */
  pass(bytes: Buffer): void
  /** A whole message of one of the types that were asked for. */
  message(type: string, bytes: Buffer): void
}

const headBytes = 5

/** A scanner that calls `handler.message` for messages whose type is a letter of `wanted`. */
export function createResponseScanner(wanted: string, handler: ResponseHandler): ResponseScanner {
  const wantedCodes = new Set(Buffer.from(wanted, 'latin1'))
  /** The start of a wanted message, or of a head, that is not complete yet. */
  let held: Buffer | undefined
  /** Bytes of a passing message still to come. */
  let passing = 0

  const push = (chunk: Uint8Array) => {
    const bytes = held ? Buffer.concat([held, chunk]) : Buffer.from(chunk)
    held = undefined
    let from = 0
    let at = Math.min(passing, bytes.length)
    passing -= at
    while (at < bytes.length) {
      const isHead = bytes.length - at < headBytes
      const code = bytes.readUInt8(at)
      const size = isHead ? 0 : 1 + bytes.readInt32BE(at + 1)
      if (!isHead && !wantedCodes.has(code)) {
        passing = Math.max(0, at + size - bytes.length)
        at = Math.min(at + size, bytes.length)
        continue
      }
      if (at > from) handler.pass(bytes.subarray(from, at))
      from = at
      if (isHead || at + size > bytes.length) {
        held = bytes.subarray(at)
        return
      }
      handler.message(String.fromCharCode(code), bytes.subarray(at, at + size))
      at += size
      from = at
    }
    if (at > from) handler.pass(bytes.subarray(from, at))
  }

  return { push, isMidMessage: () => passing > 0 }
}

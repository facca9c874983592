import { MillraceError } from '../../base/errors.ts'

/** One message of Postgres' wire protocol, version 3: its type byte, and all of its bytes with type and length. */
export interface WireMessage {
  type: string
  bytes: Buffer
}

/** What an ErrorResponse tells the client. FATAL means that the server closes the connection after it. */
export interface WireError {
  severity: 'ERROR' | 'FATAL'
  /** SQLSTATE */
  code: string
  message: string
}

export const nothing = Buffer.alloc(0)

/** A message of `type` with the given body. */
export function wireMessage(type: string, ...body: Buffer[]): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(4 + body.reduce((total, part) => total + part.length, 0), 1)
  return Buffer.concat([head, ...body])
}

/** A string as the protocol has it: UTF-8 with a zero byte after it. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`)
}

/** The string that starts at `from`, and where the bytes after it start. Fails with `invalid_argument` when it has no end. */
export function readCString(bytes: Buffer, from: number): { text: string; next: number } {
  const end = bytes.indexOf(0, from)
  if (end === -1) throw violation('expected a zero byte after a string, found none')
  return { text: bytes.toString('utf8', from, end), next: end + 1 }
}

export function queryMessage(sql: string): Buffer {
  return wireMessage('Q', cString(sql))
}

export const syncMessage = wireMessage('S')

/** Closes the prepared statement `name`; unlike DEALLOCATE it may be unknown, and the transaction may have failed. */
export function closeStatementMessage(name: string): Buffer {
  return wireMessage('C', Buffer.from('S'), cString(name))
}

export function errorMessage(error: WireError): Buffer {
  const field = (key: string, value: string) => Buffer.concat([Buffer.from(key), cString(value)])
  return wireMessage(
    'E',
    field('S', error.severity),
    field('V', error.severity),
    field('C', error.code),
    field('M', error.message),
    Buffer.alloc(1),
  )
}

export function readyMessage(status: string): Buffer {
  return wireMessage('Z', Buffer.from(status, 'latin1'))
}

export function completeMessage(tag: string): Buffer {
  return wireMessage('C', cString(tag))
}

/** A client that does not keep to the protocol: its connection cannot go on. */
export function violation(message: string): MillraceError {
  return new MillraceError('invalid_argument', message)
}

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Answers bytes that Node's parser cannot read as a request, or that come too slowly, and ends the connection. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const isLong = error.code === 'HPE_HEADER_OVERFLOW'
  const status = isLate ? 408 : isLong ? 431 : 400
  const message = isLate
    ? 'expected the whole request within a minute'
    : `expected an HTTP request${isLong ? ' with smaller headers' : ''}`
  const body = JSON.stringify({ error: { code: 'invalid_argument', message } })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { createMessageInbox } from '../../../src/db/embedded/message-inbox.ts'
import type { EmbeddedDatabase } from '../../../src/db/embedded/open-embedded.ts'
import { cString, type WireMessage, wireMessage } from '../../../src/db/embedded/wire.ts'

/** Speaks the protocol message by message, which no library does. */
export interface WireClient {
  socket: Socket
  send(...messages: Buffer[]): void
  /** The messages up to and with the next of type `last`. */
  until(last: string): Promise<WireMessage[]>
  closed: Promise<void>
}

export function startupPacket(parameters: Record<string, string>, code = 0x3_0000): Buffer {
  const body = Object.entries(parameters).flat().map(cString)
  const packet = Buffer.concat([Buffer.alloc(8), ...body, Buffer.alloc(1)])
  packet.writeInt32BE(packet.length, 0)
  packet.writeInt32BE(code, 4)
  return packet
}

/** A bare connection, destroyed after the test. */
export function openSocket(engine: EmbeddedDatabase): Socket {
  const { host = '', port = 0 } = engine.connection
  const socket = connect(
    host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
  )
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

/** Connected and greeted. */
export async function wireClient(engine: EmbeddedDatabase): Promise<WireClient> {
  const socket = openSocket(engine)
  const inbox = createMessageInbox(2 ** 30)
  const received: WireMessage[] = []
  let more = Promise.withResolvers<void>()
  const wake = () => {
    more.resolve()
    more = Promise.withResolvers()
  }
  let isClosed = false
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      isClosed = true
      wake()
      resolve()
    }),
  )
  socket.on('data', (chunk: Buffer) => {
    inbox.push(chunk)
    for (let message = inbox.message(); message; message = inbox.message()) received.push(message)
    wake()
  })
  const until = async (last: string) => {
    for (;;) {
      const at = received.findIndex(({ type }) => type === last)
      if (at !== -1) return received.splice(0, at + 1)
      if (isClosed) throw new Error(`the connection was closed before a message of type ${last}`)
      await more.promise
    }
  }
  socket.write(startupPacket({ user: 'postgres', database: 'postgres' }))
  await until('Z')
  return {
    socket,
    send: (...messages) => void socket.write(Buffer.concat(messages)),
    until,
    closed,
  }
}

/** The messages of the extended protocol, with text parameters. */
export const parse = (name: string, sql: string) =>
  wireMessage('P', cString(name), cString(sql), Buffer.alloc(2))

export function bind(statement: string, ...values: string[]): Buffer {
  const fields = values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)])
  const counts = [Buffer.alloc(2), int16(values.length)]
  return wireMessage('B', cString(''), cString(statement), ...counts, ...fields, Buffer.alloc(2))
}

export const execute = (maxRows = 0) => wireMessage('E', cString(''), int32(maxRows))
export const flush = wireMessage('H')

/** Types of the messages, as one word. */
export const typesOf = (messages: WireMessage[]) => messages.map(({ type }) => type).join('')

/** The first column of the DataRows, as text. */
export const valuesOf = (messages: WireMessage[]) =>
  messages
    .filter(({ type }) => type === 'D')
    .map(({ bytes }) => bytes.toString('utf8', 11, 11 + bytes.readInt32BE(7)))

/** SQLSTATE of the ErrorResponse among them. */
export const codeOf = (messages: WireMessage[]) =>
  /\0C(\w{5})\0/.exec(
    messages.find(({ type }) => type === 'E')?.bytes.toString('latin1') ?? '',
  )?.[1]

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

import { timingSafeEqual } from 'node:crypto'
import type { Socket } from 'node:net'
import { isMillraceError } from '../../base/errors.ts'
import type { EmbeddedLimits } from './limits.ts'
import { createMessageInbox } from './message-inbox.ts'
import { readStartup } from './read-startup.ts'
import { createUnitBuilder, type Unit } from './unit-builder.ts'
import { errorMessage, readCString, violation, type WireError, wireMessage } from './wire.ts'

/**
 * One connection: makes units of what comes in and holds them until the multiplexer takes them.
 *
 * States: starting -> waiting (for the engine to be open) -> password (TCP only) -> ready -> gone. What waits is bounded:
 * beyond `maxWaitingBytes` of units the socket is not read, so the kernel stops the sender.
 */
export interface Client {
  readonly id: number
  readonly statements: Set<string>
  readonly channels: Set<string>
  /** `performance.now()` of the last sign of life. */
  readonly lastActive: number
  readonly isReady: boolean
  hasUnits(): boolean
  takeUnit(): Unit | undefined
  /** It has not read what it was answered. */
  isCongested(): boolean
  /** The engine is open: asks for the password, or greets. */
  start(): void
  write(bytes: Buffer): void
  /** Says why (unless the client said goodbye) and closes once it was written. Units that wait are dropped. */
  end(reason?: WireError): void
}

export interface ClientEvents {
  /** Units came in, or the client has read its answers: it may be its turn. */
  onRunnable(client: Client): void
  /** It has sent a valid start: `start` is wanted as soon as the engine is open. */
  onWaiting(client: Client): void
  /** The connection has ended. */
  onGone(client: Client): void
}

export function createClient(
  socket: Socket,
  options: {
    id: number
    limits: EmbeddedLimits
    password: string | undefined
    greeting: () => Buffer
  },
  events: ClientEvents,
): Client {
  const { id, limits, password } = options
  const inbox = createMessageInbox(limits.maxRequestBytes)
  const builder = createUnitBuilder({ clientId: id, maxBytes: limits.maxRequestBytes })
  const units: Unit[] = []
  let waitingBytes = 0
  let state: 'starting' | 'waiting' | 'password' | 'ready' | 'gone' = 'starting'
  let lastActive = performance.now()
  let saidGoodbye = false

  const write = (bytes: Buffer) => {
    if (socket.writable) socket.write(bytes)
  }

  const end = (reason?: WireError) => {
    units.length = 0
    saidGoodbye = true
    if (reason) write(errorMessage(reason))
    socket.destroySoon()
  }

  const greet = () => {
    state = 'ready'
    write(options.greeting())
  }

  const start = () => {
    if (state !== 'waiting') return
    if (password === undefined) greet()
    else {
      state = 'password'
      write(wireMessage('R', Buffer.from([0, 0, 0, 3])))
    }
    pump()
  }

  const acceptStartup = (): boolean => {
    const packet = inbox.startupPacket()
    if (packet === undefined) return false
    const startup = readStartup(packet)
    if (startup.kind === 'encryption') write(Buffer.from('N'))
    else if (startup.kind === 'cancel') end()
    else if (startup.kind === 'refused') end(startup.error)
    else {
      if (startup.negotiation) write(startup.negotiation)
      state = 'waiting'
      events.onWaiting(client)
    }
    return true
  }

  const acceptPassword = (): boolean => {
    const message = inbox.message()
    if (message === undefined) return false
    if (message.type !== 'p') throw violation('expected a password message')
    const given = Buffer.from(readCString(message.bytes, 5).text)
    const expected = Buffer.from(password ?? '')
    if (given.length === expected.length && timingSafeEqual(given, expected)) greet()
    else end({ severity: 'FATAL', code: '28P01', message: 'password authentication failed' })
    return true
  }

  const acceptMessage = (): boolean => {
    const message = inbox.message()
    if (message === undefined) return false
    for (const unit of builder.accept(message)) {
      if (unit.kind === 'end') saidGoodbye = true
      units.push(unit)
      waitingBytes += sizeOf(unit)
    }
    return true
  }

  const pump = () => {
    const accepts = {
      starting: acceptStartup,
      waiting: () => false,
      password: acceptPassword,
      ready: acceptMessage,
      gone: () => false,
    }
    try {
      while (!saidGoodbye && waitingBytes <= limits.maxWaitingBytes && accepts[state]());
    } catch (error) {
      if (!isMillraceError(error)) throw error
      const code = error.code === 'limit_exceeded' ? '54000' : '08P01'
      end({ severity: 'FATAL', code, message: error.message })
    }
    if (waitingBytes > limits.maxWaitingBytes) socket.pause()
    if (units.length > 0) events.onRunnable(client)
  }

  const takeUnit = () => {
    const unit = units.shift()
    if (unit === undefined) return undefined
    waitingBytes -= sizeOf(unit)
    if (socket.isPaused() && waitingBytes <= limits.maxWaitingBytes / 2) {
      socket.resume()
      setImmediate(pump)
    }
    return unit
  }

  const client: Client = {
    id,
    statements: builder.statements,
    channels: builder.channels,
    get lastActive() {
      return lastActive
    },
    get isReady() {
      return state === 'ready'
    },
    hasUnits: () => units.length > 0,
    takeUnit,
    isCongested: () => state !== 'gone' && socket.writableLength > limits.maxUnreadBytes,
    start,
    write,
    end,
  }

  socket.on('data', (chunk: Buffer) => {
    lastActive = performance.now()
    inbox.push(chunk)
    pump()
  })
  socket.on('drain', () => {
    lastActive = performance.now()
    if (units.length > 0) events.onRunnable(client)
  })
  // What a connection lost in mid-word had asked for is not done; 'close' follows every error.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    state = 'gone'
    if (!saidGoodbye) units.length = 0
    events.onGone(client)
  })
  return client
}

function sizeOf(unit: Unit): number {
  return unit.kind === 'forget' ? unit.run.bytes.length : unit.bytes.length
}

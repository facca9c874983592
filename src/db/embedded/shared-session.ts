import { MillraceError } from '../../base/errors.ts'
import type { Client } from './client.ts'
import { createRelay, type Relay } from './relay.ts'
import { createResponseScanner } from './response-scanner.ts'
import type { Session } from './session.ts'
import type { RunUnit } from './unit-builder.ts'
import {
  closeStatementMessage,
  completeMessage,
  cString,
  queryMessage,
  readCString,
  readyMessage,
  syncMessage,
  wireMessage,
} from './wire.ts'

/**
 * What of the one session belongs to which client: the open transaction, prepared statements, the unnamed statement,
 * channels. Its calls must not overlap; the multiplexer makes them one at a time.
 *
 * Statements carry their client's number in their names. The unnamed statement is made again when another client's has
 * taken its place. A channel is listened to once, for all who want it, and notifications go to those only; UNLISTEN of
 * one client is followed by LISTEN for the others before anything else runs, so nothing is missed.
 */
export interface SharedSession {
  open(session: Session): void
  readonly session: Session | undefined
  /** Who has a transaction, or a batch sent with Flush, open. */
  readonly owner: Client | undefined
  /** `performance.now()` when its last unit ended. */
  readonly ownedSince: number
  /** Fails, as does everything here, when the engine does: the session is lost. */
  run(client: Client, unit: RunUnit): Promise<void>
  /** DEALLOCATE ALL and DISCARD ALL of one client. Settings, being everybody's, stay. */
  forget(client: Client, tag: 'DEALLOCATE ALL' | 'DISCARD ALL', unit: RunUnit): Promise<void>
  /** Rolls back and removes what belongs to a client that is gone. */
  cleanUp(client: Client): Promise<void>
  /** Work of the engine's own, while nobody owns it. */
  exclusive<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** From now on every write fails with 53100 and this reason, except in transactions that ask to be READ WRITE. */
  refuseWrites(reason: string | undefined): Promise<void>
  /** What a new client is told: AuthenticationOk, the settings, a key that cancels nothing, ReadyForQuery. */
  greeting(clientId: number): Buffer
}

interface Target {
  client: Client
  relay: Relay
}

/** Fails whatever the batch it is in belongs to. */
const failingParse = wireMessage('P', cString(''), cString('the client is gone'), Buffer.alloc(2))

export function createSharedSession(options: {
  clients: ReadonlySet<Client>
  maxResultBytes: number
  /** A client that cannot go on after the engine's failure, having been told of it or having half a row. */
  dismiss: (client: Client) => void
}): SharedSession {
  const { clients, maxResultBytes } = options
  const parameters = new Map<string, Buffer>()
  let session: Session | undefined
  let owner: Client | undefined
  let ownedSince = 0
  let unnamedOwner: Client | undefined
  /** Transaction status of the last ReadyForQuery. */
  let status = 'I'
  let mustListenAgain = false
  let refusal: string | undefined

  const notify = (message: Buffer, target: Target | undefined) => {
    const channel = readCString(message, 9).text
    for (const client of clients) {
      if (!client.channels.has(channel)) continue
      if (client === target?.client) target.relay.pass(message)
      else client.write(message)
    }
  }

  /** A setting that clients are told of has changed, for all of them. */
  const noteParameter = (message: Buffer, except: Client | undefined) => {
    const name = readCString(message, 5).text
    if (parameters.get(name)?.equals(message)) return
    parameters.set(name, Buffer.from(message))
    for (const client of clients) if (client !== except && client.isReady) client.write(message)
  }

  const scannerFor = (target: Target | undefined) =>
    createResponseScanner('AZCGES13', {
      pass: (bytes) => target?.relay.pass(bytes),
      message: (type, bytes) => {
        if (type === 'A') return notify(bytes, target)
        if (type === 'Z') status = String.fromCharCode(bytes.readUInt8(5))
        if (type === 'S') noteParameter(bytes, target?.client)
        if (type === 'C') mustListenAgain ||= readCString(bytes, 5).text === 'UNLISTEN'
        target?.relay.message(type, bytes)
      },
    })

  const execute = async (messages: Buffer, target?: Target) => {
    if (session === undefined) throw new MillraceError('internal', 'expected an open session')
    const running = session
    const scanner = scannerFor(target)
    let broken: unknown
    const onData = (bytes: Uint8Array) => {
      // An exception would fly through the engine and leave it half way.
      try {
        scanner.push(bytes)
        const isTooLong = target !== undefined && target.relay.passedBytes > maxResultBytes
        if (!isTooLong || scanner.isMidMessage()) return
        target.relay.cut()
        running.interrupt()
      } catch (error) {
        broken ??= error
      }
    }
    try {
      await running.exec(messages, onData)
    } catch (error) {
      target?.relay.flush()
      if (target && (scanner.isMidMessage() || target.relay.hasError))
        options.dismiss(target.client)
      throw error
    }
    target?.relay.flush()
    if (broken) throw broken
  }

  const channelsOf = (some: Iterable<Client>) =>
    new Set([...some].flatMap(({ channels }) => [...channels]))

  /** One client's UNLISTEN was everybody's. */
  const listenAgain = async () => {
    mustListenAgain = false
    const wanted = channelsOf(clients)
    if (wanted.size > 0) await execute(queryMessage(forEach('listen', wanted)))
  }

  const unlisten = async (client: Client) => {
    const mine = [...client.channels]
    client.channels.clear()
    const wanted = channelsOf(clients)
    const unwanted = mine.filter((channel) => !wanted.has(channel))
    if (unwanted.length === 0) return
    await execute(queryMessage(forEach('unlisten', unwanted)))
    mustListenAgain = false
  }

  const closeStatements = async (client: Client) => {
    if (client.statements.size === 0) return
    const closes = [...client.statements].map(closeStatementMessage)
    client.statements.clear()
    await execute(Buffer.concat([...closes, syncMessage]))
  }

  const run = async (client: Client, unit: RunUnit) => {
    const restore = unnamedOwner === client ? undefined : unit.restore
    const { isCopyIn } = unit
    const skips = restore ? 1 : 0
    const relay = createRelay(client, { skips, isCopyIn, maxResultBytes, refusal })
    await execute(restore ? Buffer.concat([restore, unit.bytes]) : unit.bytes, { client, relay })
    if (unit.unnamed === 'own' || restore) unnamedOwner = client
    else if (unit.unnamed === 'none') unnamedOwner = undefined
    owner = unit.isOpen || status !== 'I' ? client : undefined
    ownedSince = performance.now()
    if (mustListenAgain && owner === undefined) await listenAgain()
  }

  return {
    open: (opened) => {
      session = opened
      for (const [name, message] of opened.parameters) parameters.set(name, message)
    },
    get session() {
      return session
    },
    get owner() {
      return owner
    },
    get ownedSince() {
      return ownedSince
    },
    run,

    forget: async (client, tag, unit) => {
      // Inside a transaction Postgres itself refuses the one, and the other must fail with it.
      if (status === 'E' || (status === 'T' && tag === 'DISCARD ALL')) return run(client, unit)
      await closeStatements(client)
      if (tag === 'DISCARD ALL') await unlisten(client)
      client.write(Buffer.concat([completeMessage(tag), readyMessage(status)]))
    },

    cleanUp: async (client) => {
      if (owner === client) {
        // A Sync alone would commit what a batch that was sent with Flush has done.
        await execute(Buffer.concat([failingParse, syncMessage]))
        if (status !== 'I') await execute(queryMessage('rollback'))
        owner = undefined
        if (mustListenAgain) await listenAgain()
      }
      if (unnamedOwner === client || owner === undefined) unnamedOwner = undefined
      await closeStatements(client)
      await unlisten(client)
    },

    exclusive: async (work) => {
      if (session === undefined) throw new MillraceError('internal', 'expected an open session')
      unnamedOwner = undefined
      return await work(session)
    },

    refuseWrites: async (reason) => {
      refusal = reason
      await execute(queryMessage(`set default_transaction_read_only = ${reason ? 'on' : 'off'}`))
    },

    greeting: (clientId) => {
      const key = Buffer.alloc(8)
      key.writeInt32BE(clientId, 0)
      return Buffer.concat([
        wireMessage('R', Buffer.alloc(4)),
        ...parameters.values(),
        wireMessage('K', key),
        readyMessage('I'),
      ])
    },
  }
}

function forEach(verb: 'listen' | 'unlisten', channels: Iterable<string>): string {
  return [...channels].map((name) => `${verb} "${name.replaceAll('"', '""')}"`).join(';')
}

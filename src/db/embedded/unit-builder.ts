import { MillraceError } from '../../base/errors.ts'
import { readSessionCommands, type SessionCommands } from './session-commands.ts'
import { sessionStatementName } from './statement-names.ts'
import {
  closeStatementMessage,
  cString,
  nothing,
  queryMessage,
  readCString,
  violation,
  type WireMessage,
  wireMessage,
} from './wire.ts'

/** What the engine does for one client without another in between. */
export type Unit =
  | RunUnit
  /** Bytes for the client, in their turn among its answers. */
  | { kind: 'reply'; bytes: Buffer }
  /** DEALLOCATE ALL or DISCARD ALL, for this client only. `run` is the command itself. */
  | { kind: 'forget'; tag: 'DEALLOCATE ALL' | 'DISCARD ALL'; run: RunUnit }
  /** The client said goodbye. */
  | { kind: 'end'; bytes: Buffer }

export interface RunUnit {
  kind: 'run'
  bytes: Buffer
  /** It ends with Flush: the client keeps the engine until its Sync. */
  isOpen: boolean
  /** The client has had its CopyInResponse: the engine's own is not for it. */
  isCopyIn: boolean
  /**
   * It uses the unnamed statement of an earlier unit, which another client's may have replaced since: what makes it
   * again, one message whose answer is not for the client.
   */
  restore: Buffer | undefined
  /** Whose the unnamed statement is after it: the client's, nobody's, or as before. */
  unnamed: 'own' | 'none' | 'same'
}

/** Makes units of one client's messages, and knows what of the session belongs to that client. */
export interface UnitBuilder {
  accept(message: WireMessage): Unit[]
  /** Names, in the session, of the statements the client may have prepared. */
  readonly statements: Set<string>
  /** Channels it listens on. */
  readonly channels: Set<string>
}

/**
 * A builder for client `clientId`. Fails with `invalid_argument` on a message no client may send, and with
 * `limit_exceeded` when a batch grows beyond `maxBytes`; a COPY beyond it fails by itself, and the client goes on.
 */
export function createUnitBuilder(options: { clientId: number; maxBytes: number }): UnitBuilder {
  const { clientId, maxBytes } = options
  const statements = new Set<string>()
  const channels = new Set<string>()
  const nameOf = (name: string) => sessionStatementName(clientId, name)
  let batch: Buffer[] = []
  let batchBytes = 0
  let restore: Buffer | undefined
  let unnamed: RunUnit['unnamed'] = 'same'
  /** The last Parse of the unnamed statement; undefined when there is none. */
  let unnamedParse: Buffer | undefined
  /** The COPY FROM STDIN that is being received; `parts` is undefined when it has grown too large. */
  let copy: { query: Buffer; parts: Buffer[] | undefined; bytes: number } | undefined

  const add = (bytes: Buffer) => {
    batch.push(bytes)
    batchBytes += bytes.length
    if (batchBytes > maxBytes)
      throw new MillraceError(
        'limit_exceeded',
        `expected a batch of at most ${maxBytes} bytes, got more: send it in several`,
      )
  }

  const finish = (isOpen: boolean, isCopyIn = false): RunUnit => {
    const bytes = Buffer.concat(batch)
    const unit: RunUnit = { kind: 'run', bytes, isOpen, isCopyIn, restore, unnamed }
    batch = []
    batchBytes = 0
    restore = undefined
    unnamed = 'same'
    return unit
  }

  const note = (commands: SessionCommands) => {
    for (const channel of commands.listens) channels.add(channel)
    for (const channel of commands.unlistens) {
      if (channel === '*') channels.clear()
      else channels.delete(channel)
    }
    for (const name of commands.prepares) statements.add(name)
  }

  const query = (message: Buffer): Unit[] => {
    const { text } = readCString(message, 5)
    const commands = readSessionCommands(text, nameOf)
    note(commands)
    if (commands.copy) {
      copy = { query: message, parts: [], bytes: 0 }
      const format = commands.copy.isBinary ? 1 : 0
      return [{ kind: 'reply', bytes: wireMessage('G', Buffer.from([format, 0, 0])) }]
    }
    add(commands.sql === text && !commands.refused ? message : queryMessage(sqlOf(commands)))
    unnamed = 'none'
    unnamedParse = undefined
    const run = finish(false)
    return [commands.forget ? { kind: 'forget', tag: commands.forget, run } : run]
  }

  const parse = (message: Buffer) => {
    const name = readCString(message, 5)
    const text = readCString(message, name.next)
    const commands = readSessionCommands(text.text, nameOf)
    if (commands.copy)
      commands.refused = 'expected COPY FROM STDIN as a simple query, without parameters'
    if (commands.forget) commands.refused = `expected ${commands.forget} as a simple query`
    note(commands)
    const own = name.text === '' ? '' : nameOf(name.text)
    const types = message.subarray(text.next)
    const bytes = wireMessage('P', cString(own), cString(sqlOf(commands)), types)
    if (own !== '') statements.add(own)
    else {
      unnamedParse = bytes
      unnamed = 'own'
    }
    add(bytes)
  }

  /** A message of this batch uses the unnamed statement. */
  const useUnnamed = () => {
    if (unnamed === 'same') restore ??= unnamedParse ?? closeStatementMessage('')
  }

  const bind = (message: Buffer) => {
    const portal = readCString(message, 5)
    const name = readCString(message, portal.next)
    if (name.text === '') {
      useUnnamed()
      add(message)
      return
    }
    const rest = message.subarray(name.next)
    add(wireMessage('B', cString(portal.text), cString(nameOf(name.text)), rest))
  }

  /** Describe or Close. Portals live no longer than the transaction that holds the engine, so theirs need no own names. */
  const describeOrClose = (type: string, message: Buffer) => {
    const name = message[5] === 0x53 /* S: a statement */ ? readCString(message, 6).text : undefined
    if (name === undefined) add(message)
    else if (name === '') {
      if (type === 'D') useUnnamed()
      else {
        unnamedParse = undefined
        unnamed = 'none'
      }
      add(message)
    } else {
      if (type === 'C') statements.delete(nameOf(name))
      add(wireMessage(type, Buffer.from('S'), cString(nameOf(name))))
    }
  }

  const endCopy = (end: Buffer): Unit[] => {
    if (copy === undefined) return []
    const tooLarge = `expected at most ${maxBytes} bytes in one COPY FROM STDIN: send it in several`
    batch.push(copy.query, ...(copy.parts ?? []))
    batch.push(copy.parts ? end : wireMessage('f', cString(tooLarge)))
    copy = undefined
    unnamed = 'none'
    unnamedParse = undefined
    return [finish(false, true)]
  }

  /** Messages while a COPY is being received; undefined when the message is none of its own. */
  const acceptCopy = (type: string, bytes: Buffer): Unit[] | undefined => {
    if (copy === undefined) return type === 'd' || type === 'c' || type === 'f' ? [] : undefined
    if (type === 'c' || type === 'f') return endCopy(bytes)
    if (type === 'H' || type === 'S') return []
    if (type !== 'd') return undefined
    copy.bytes += bytes.length
    if (copy.bytes > maxBytes) copy.parts = undefined
    copy.parts?.push(bytes)
    return []
  }

  const accept = ({ type, bytes }: WireMessage): Unit[] => {
    const ofCopy = acceptCopy(type, bytes)
    if (ofCopy) return ofCopy
    if (copy) {
      const aborted = endCopy(wireMessage('f', cString('expected CopyData, CopyDone or CopyFail')))
      return [...aborted, ...accept({ type, bytes })]
    }
    switch (type) {
      case 'Q':
        return query(bytes)
      case 'P':
        parse(bytes)
        return []
      case 'B':
        bind(bytes)
        return []
      case 'D':
      case 'C':
        describeOrClose(type, bytes)
        return []
      case 'E':
        add(bytes)
        return []
      case 'H':
        if (batch.length === 0) return []
        add(bytes)
        return [finish(true)]
      case 'S':
      case 'F':
        add(bytes)
        return [finish(false)]
      case 'X':
        return [{ kind: 'end', bytes: nothing }]
      default:
        throw violation(`expected a message that a client may send, got type ${bytes[0]}`)
    }
  }

  return { accept, statements, channels }
}

/** The text to run: what was asked, or what raises the refusal where the statement would have run. */
function sqlOf(commands: SessionCommands): string {
  if (commands.refused === undefined) return commands.sql
  const message = commands.refused.replaceAll("'", "''")
  return `do $refused$ begin raise exception using errcode = '0A000', message = '${message}'; end $refused$`
}

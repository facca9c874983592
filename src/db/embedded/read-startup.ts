import { cString, readCString, violation, type WireError, wireMessage } from './wire.ts'

/** What a connection opens with. */
export type Startup =
  /** Asks for TLS or GSSAPI, which there is none of. */
  | { kind: 'encryption' }
  /** Asks to cancel another connection's query: cannot be done, the engine does not look up while it runs. */
  | { kind: 'cancel' }
  | { kind: 'refused'; error: WireError }
  /** `negotiation` is what a client of a newer minor version is told. */
  | { kind: 'session'; negotiation: Buffer | undefined }

const sslRequest = 80_877_103
const gssRequest = 80_877_104
const cancelRequest = 80_877_102
const databaseName = 'postgres'

/**
 * Reads a startup packet. It never reaches the engine, whose answer to a bad one is FATAL, for everybody.
 * Fails with `invalid_argument` when it is malformed.
 */
export function readStartup(packet: Buffer): Startup {
  const code = packet.readInt32BE(4)
  if (code === sslRequest || code === gssRequest) return { kind: 'encryption' }
  if (code === cancelRequest) return { kind: 'cancel' }
  const [major, minor] = [code >> 16, code & 0xffff]
  if (major !== 3) throw violation(`expected protocol version 3, got ${major}.${minor}`)
  const parameters = readParameterList(packet)
  const database = parameters.get('database') ?? parameters.get('user')
  if (database !== databaseName) {
    const message = `expected database "${databaseName}", the only one of the embedded engine, got "${database}"`
    return { kind: 'refused', error: { severity: 'FATAL', code: '3D000', message } }
  }
  const unknown = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'))
  if (minor === 0 && unknown.length === 0) return { kind: 'session', negotiation: undefined }
  const version = Buffer.from([0, 3, 0, 0])
  const count = Buffer.alloc(4)
  count.writeInt32BE(unknown.length)
  return {
    kind: 'session',
    negotiation: wireMessage('v', version, count, ...unknown.map(cString)),
  }
}

function readParameterList(packet: Buffer): Map<string, string> {
  const parameters = new Map<string, string>()
  for (let at = 8; at < packet.length && packet[at] !== 0; ) {
    const name = readCString(packet, at)
    const value = readCString(packet, name.next)
    parameters.set(name.text, value.text)
    at = value.next
  }
  return parameters
}

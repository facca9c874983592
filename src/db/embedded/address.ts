import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { connect, type ListenOptions } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientConfig } from 'pg'

/** Where the engine listens, and how it is reached. */
export interface Address {
  listen: ListenOptions
  /** TCP has no file permissions: whoever connects must know this. */
  password: string | undefined
  /** Made for the socket, to be removed with it. */
  temporaryFolder: string | undefined
}

/** Postgres' clients look for the file `.s.PGSQL.<port>` in the folder that is their host. */
const socketPort = 5432
const socketName = `.s.PGSQL.${socketPort}`
/** The kernel takes 108 bytes with the zero at the end, macOS 104. */
const maxSocketPathBytes = 100

/**
 * A socket file in `dir`, whose mode 0700 keeps other users out; in a private temporary folder when the path is too long;
 * with `transport` tcp (the default on Windows) a free port of 127.0.0.1, with a password.
 */
export function chooseAddress(dir: string, transport: 'socket' | 'tcp'): Address {
  if (transport === 'tcp') {
    const password = randomBytes(24).toString('base64url')
    return { listen: { host: '127.0.0.1', port: 0 }, password, temporaryFolder: undefined }
  }
  const path = join(dir, socketName)
  if (Buffer.byteLength(path) <= maxSocketPathBytes)
    return { listen: { path }, password: undefined, temporaryFolder: undefined }
  const temporaryFolder = mkdtempSync(join(tmpdir(), 'millrace-'))
  const listen = { path: join(temporaryFolder, socketName) }
  return { listen, password: undefined, temporaryFolder }
}

/** How pg and psql connect: as pg's options, and as a URL that both take. `port` is the one TCP was given. */
export function describeAddress(
  address: Address,
  port: number,
): { url: string; connection: ClientConfig } {
  const { listen, password } = address
  const own = { user: 'postgres', database: 'postgres', ssl: false } satisfies ClientConfig
  if (listen.path === undefined) {
    const host = '127.0.0.1'
    const url = `postgres://postgres:${password}@${host}:${port}/postgres?sslmode=disable`
    return { url, connection: { ...own, host, port, ...(password && { password }) } }
  }
  const host = listen.path.slice(0, -socketName.length - 1)
  const folder = encodeURIComponent(host).replaceAll("'", '%27')
  const url = `postgres://postgres@localhost/postgres?host=${folder}&port=${socketPort}`
  return { url, connection: { ...own, host, port: socketPort } }
}

/** Whether an engine accepts connections at the URL that a lock file names. */
export async function isAnswering(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return false
  const { hostname, port, searchParams } = new URL(url)
  const folder = searchParams.get('host')
  const socket = folder
    ? connect(join(folder, socketName))
    : connect({ host: hostname, port: Number(port) })
  return await new Promise<boolean>((resolve) => {
    socket.setTimeout(1_000, () => resolve(false))
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

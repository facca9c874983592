import { createHash } from 'node:crypto'

/** Postgres cuts longer names off, which would make two of them one. */
const maxNameBytes = 63

/** The name under which the shared session keeps client `clientId`'s prepared statement `name`. */
export function sessionStatementName(clientId: number, name: string): string {
  const own = `c${clientId}_${name}`
  if (Buffer.byteLength(own) <= maxNameBytes) return own
  return `c${clientId}_${createHash('sha256').update(name).digest('hex').slice(0, 40)}`
}

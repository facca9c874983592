import type { FastifyInstance } from 'fastify'
import { MillraceError } from '../base/errors.ts'

/**
 * Opens the app's port and returns its URL. Fails with `conflict` when the port is taken, `invalid_argument` when the
 * address cannot be had; the app is closed then.
 */
export async function listen(
  app: FastifyInstance,
  options: { host: string; port: number },
): Promise<string> {
  // `localhost` would open two sockets, one of each IP version, and only one of them is ours to close.
  const host = options.host === 'localhost' ? '127.0.0.1' : options.host
  const { port } = options
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    const taken = reason === 'EADDRINUSE'
    throw new MillraceError(
      taken ? 'conflict' : 'invalid_argument',
      taken
        ? `port ${port} of ${host} is taken by another process; stop that one or choose another port`
        : `cannot listen on ${host}, port ${port} (${reason}); choose another address or port`,
      { details: { host, port }, cause },
    )
  }
  const address = app.server.address()
  const bound = typeof address === 'object' && address ? address.port : port
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${bound}`
}

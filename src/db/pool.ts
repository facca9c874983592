import pg from 'pg'
import type { Logger } from '../base/logger.ts'

/** A pool on native or embedded Postgres. Ending it twice is safe; a lost idle connection is logged and replaced. */
export function createPool(
  deps: { logger: Logger },
  options: { url: string; maxConnections?: number },
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 16,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    application_name: 'millrace',
    keepAlive: true,
  })
  const onError = (error: Error) => {
    deps.logger.warn({ error: error.message }, 'database.connection_lost')
  }
  pool.on('error', onError)
  // A connection that breaks while it is lent out says so itself; its query fails too, so nothing is hidden.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

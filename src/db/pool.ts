import pg, { type ClientBase } from 'pg'
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
    keepAliveInitialDelayMillis: 10_000,
    onConnect: prepare,
  })
  const onError = (error: Error) => {
    deps.logger.warn({ error: error.message }, 'database.connection_lost')
  }
  pool.on('error', onError)
  // A connection that breaks while it is lent out says so itself; its query fails too, so nothing is hidden.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/**
 * What a role or a database may have set otherwise, and would break: dates that pg cannot read, appends that refuse a
 * stricter isolation. And where the server can, it looks every two seconds whether who sent a statement is still there: of
 * a process that was killed in a long one, the locks would otherwise outlive it until the statement's end.
 */
const settings = `
  set datestyle to 'ISO';
  set default_transaction_isolation to 'read committed';
  do $$
  begin
    perform set_config('client_connection_check_interval', '2000', false);
  exception when others then
    null;
  end $$`

/** Behind a pooler the settings are those of some server connection: they are a help, and nothing is decided by them. */
async function prepare(client: ClientBase): Promise<void> {
  await client.query(settings)
}

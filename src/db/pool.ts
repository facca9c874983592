import pg, { type ClientBase } from 'pg'
import type { Logger } from '../base/logger.ts'
import { ownSession, type Session, watchSilence } from './silent-connections.ts'

/**
 * A pool on native or embedded Postgres. Ending it twice is safe; a lost idle connection is logged and replaced, and one
 * whose other end has gone without a word is found (silent-connections.ts).
 */
export function createPool(
  deps: { logger: Logger },
  options: { url: string; maxConnections?: number; silentMs?: number },
): pg.Pool {
  const watch = watchSilence(deps, options)
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 16,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    application_name: 'millrace',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: async (client) => {
      const session = await prepare(client)
      if (session) watch.add(client, session)
    },
  })
  const onError = (error: Error) => {
    deps.logger.warn({ error: error.message }, 'database.connection_lost')
  }
  pool.on('error', onError)
  // A connection that breaks while it is lent out says so itself; its query fails too, so nothing is hidden.
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** How long a server that has greeted a connection may take to set it up: on the embedded engine others may come first. */
const prepareMs = 60_000

/**
 * What a role or a database may have set otherwise, and would break: dates that pg cannot read, appends that refuse a
 * stricter isolation, acknowledgements of what is not on disk. And where the server can, it looks every two seconds
 * whether who sent a statement is still there, and waits for half a minute and no more for who does not take what it
 * sends: of a process that was killed in a long statement, or of a machine that is gone, the locks would otherwise outlive
 * it until the statement's or TCP's end.
 */
const settings = `
  set datestyle to 'ISO';
  set default_transaction_isolation to 'read committed';
  do $$
  declare
    setting text[];
  begin
    if current_setting('synchronous_commit') = 'off' then
      perform set_config('synchronous_commit', 'on', false);
    end if;
    foreach setting slice 1 in array array[
      ['client_connection_check_interval', '2000'],
      ['tcp_user_timeout', '30000'],
      ['tcp_keepalives_idle', '15'],
      ['tcp_keepalives_interval', '5'],
      ['tcp_keepalives_count', '3']]
    loop
      begin
        perform set_config(setting[1], setting[2], false);
      exception when others then
        null;
      end;
    end loop;
  end $$`

/** Behind a pooler the settings are those of some server connection: they are a help, and nothing is decided by them. */
async function prepare(client: ClientBase): Promise<Session | undefined> {
  const question = { text: `${settings};${ownSession}`, query_timeout: prepareMs }
  const results: unknown = await client.query(question)
  // Of several statements pg returns as many results, and declares one.
  const last = (results as pg.QueryResult<Session>[]).at(-1)
  return last?.rows[0]
}

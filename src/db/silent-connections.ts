import pg, { type ClientBase } from 'pg'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'

/*
 * Cuts connections whose other end has gone without a word.
 *
 * After a failover, behind a proxy that hangs or an address translation that forgot, a connection answers nothing and does
 * not fail either: TCP gives up after a quarter of an hour, or never where something in between still says that it is there.
 * Who waits for such an answer waits as long: a put, or the look for work without which a worker stands still. A limit of time
 * would end what only takes long, too. The server knows better: on a new connection it is asked what the sessions do
 * of which nothing was heard. One that it does not know, or that waits for us while we wait for it, is dead. It is cut here,
 * so that whoever waits gets the error of a lost connection, and ended there, with its locks. So are the others of which
 * nothing was heard since, but for those that the server works for: the pool would hand them out one by one.
 *
 * While no new connection answers, nothing is cut: the database is away as a whole, and may go on. A process that was frozen
 * has answers to read: what is heard while the server is asked counts. On the embedded engine all connections are one
 * session, which is always the one that asks, and never silent.
 */

export interface SilenceWatch {
  /** Watches a connection, whose session is `session`, until it ends. */
  add(client: ClientBase, session: Session): void
}

/** A server's session: process ids are used again, and when it began tells two of the same id apart. */
export interface Session {
  pid: number
  since: string
}

/** SQL: the session that runs it. */
export const ownSession = `
  select pid,
         backend_start::text as since
    from pg_stat_get_activity(pg_backend_pid())`

interface Watched {
  client: ClientBase
  session: Session
  bytesRead: number
  bytesWritten: number
  /** When it was last seen to have brought something, and to have been given something. */
  heardAt: number
  askedAt: number
}

/** What pg keeps of a connection, and does not declare. */
interface Insides {
  readyForQuery: boolean
  connection: {
    stream: { bytesRead: number; bytesWritten: number; destroy(error: Error): void }
  }
}

/** So long the server may take to say what its sessions do. */
const askMs = 5_000
/** What was asked so recently may be on its way. */
const onItsWayMs = 1_000

/** Watches connections to `url`. One that is asked something has `silentMs` (default 10,000) before the server is asked about it. */
export function watchSilence(
  deps: { logger: Logger },
  options: { url: string; silentMs?: number },
): SilenceWatch {
  const { url, silentMs = 10_000 } = options
  const watched = new Set<Watched>()
  let timer: NodeJS.Timeout | undefined
  let isLooking = false

  const findSilent = () => {
    const now = performance.now()
    for (const one of watched) listen(one, now)
    const latest = now - silentMs
    return [...watched].filter((one) => isBusy(one) && lastOf(one) <= latest)
  }
  const look = async () => {
    if (findSilent().length === 0) return
    await askServer(url, [...watched], (working) => {
      const silent = findSilent().filter((one) => !working.has(one.session.pid))
      if (silent.length === 0) return []
      const since = Math.max(...silent.map(lastOf))
      const latest = performance.now() - onItsWayMs
      const dead = [...watched].filter(
        (one) =>
          one.heardAt <= since &&
          !working.has(one.session.pid) &&
          (!isBusy(one) || one.askedAt <= latest),
      )
      deps.logger.warn({ connections: dead.length }, 'database.connections_silent')
      for (const one of dead) cut(one)
      return dead
    })
  }
  const tick = () => {
    if (isLooking) return
    isLooking = true
    look()
      .catch((error: unknown) => {
        deps.logger.debug({ error: messageOf(error) }, 'database.sessions_unknown')
      })
      .finally(() => {
        isLooking = false
      })
  }
  return {
    add: (client, session) => {
      const now = performance.now()
      const one = { client, session, bytesRead: 0, bytesWritten: 0, heardAt: now, askedAt: now }
      watched.add(one)
      client.once('end', () => {
        watched.delete(one)
        if (watched.size > 0) return
        clearInterval(timer)
        timer = undefined
      })
      timer ??= setInterval(tick, silentMs / 2).unref()
    },
  }
}

/** Asks what the sessions of these connections do; ends those there that `judge`, told which the server works for, returns. */
async function askServer(
  url: string,
  watched: readonly Watched[],
  judge: (working: ReadonlySet<number>) => readonly Watched[],
): Promise<void> {
  const asking = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: askMs,
    query_timeout: askMs,
    application_name: 'millrace',
  })
  asking.on('error', () => undefined)
  try {
    await asking.connect()
    // What balances reads may lead to a replica, which knows nothing of the primary's sessions.
    const { rows: replicas } = await asking.query('select where pg_is_in_recovery()')
    if (replicas.length > 0) return
    const { rows } = await asking.query<{ pid: number }>(
      `select session.pid
         from ${sessionsOf}
        where session.state is null
           or session.state not like 'idle%' and session.wait_event_type is distinct from 'Client'`,
      valuesOf(watched),
    )
    const dead = judge(new Set(rows.map(({ pid }) => pid)))
    if (dead.length > 0)
      await asking.query(
        `select pg_terminate_backend(session.pid) from ${sessionsOf}`,
        valuesOf(dead),
      )
  } finally {
    asking.end().catch(() => undefined)
  }
}

const sessionsOf = `unnest($1::int[], $2::timestamptz[]) as ours (pid, since)
         join pg_stat_activity session on session.pid = ours.pid and session.backend_start = ours.since`

function valuesOf(watched: readonly Watched[]): unknown[] {
  return [watched.map(({ session }) => session.pid), watched.map(({ session }) => session.since)]
}

/** Notes what it carried since the last time, as of `now`. */
function listen(one: Watched, now: number): void {
  const { bytesRead, bytesWritten } = insidesOf(one).connection.stream
  if (bytesRead !== one.bytesRead) one.heardAt = now
  if (bytesWritten !== one.bytesWritten) one.askedAt = now
  Object.assign(one, { bytesRead, bytesWritten })
}

function lastOf({ heardAt, askedAt }: Watched): number {
  return Math.max(heardAt, askedAt)
}

function isBusy(one: Watched): boolean {
  return !insidesOf(one).readyForQuery
}

function cut(one: Watched): void {
  const error = new Error('the server does not know this connection any more, or waits for it')
  insidesOf(one).connection.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }))
}

function insidesOf({ client }: Watched): Insides {
  return client as unknown as Insides
}

import { createServer, type ListenOptions, type Socket } from 'node:net'
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import type { MillraceError } from '../../base/errors.ts'
import { type Client, createClient } from './client.ts'
import type { EmbeddedLimits } from './limits.ts'
import type { Session } from './session.ts'
import { createSharedSession } from './shared-session.ts'
import type { Unit } from './unit-builder.ts'
import type { WireError } from './wire.ts'

/**
 * Lets many clients use one Postgres session as if each had its own.
 *
 * Guarantees
 * - What runs without another client in between is a *unit*: a simple query, or a batch up to its Sync; a COPY FROM STDIN
 *   with all its data; and everything of a client from the unit that opens a transaction to the one that ends it.
 * - Clients take turns, one unit each; one that sends a thousand at once waits like the others.
 * - Prepared statements, the unnamed one too, belong to the client that made them. So do LISTEN and UNLISTEN.
 * - A connection that ends is rolled back and forgotten; units of it that had not begun are not run, unless it said
 *   goodbye (Terminate) after sending them.
 * - Memory is bounded per client: requests that wait, unread answers, one answer (limits.ts).
 * What remains shared, because there is one session: plain SET, session advisory locks, temporary tables, WITH HOLD cursors,
 * pg_backend_pid(). Settings sent when connecting are ignored. A query cannot be cancelled; statement_timeout has no effect.
 *
 * States of the engine: opening -> serving -> failed | closing -> closed. While it is opening, connections wait.
 * Of the turn: free -> owned by a client (transaction, or a batch sent with Flush) -> free. An owner that is idle while
 * others wait loses its connection, and with it the transaction, after `idleInTransactionMs`: someone who awaits a second
 * connection inside a transaction gets an error instead of a standstill.
 *
 * Everything here runs in the engine's thread: while a unit runs no socket is read, so no event comes in mid-unit. The
 * owner of the truth is the session; its ReadyForQuery says whether a transaction is open. A crash loses connections only.
 */
export interface Multiplexer {
  /** Accepts connections; resolves with the TCP port, or 0 on a socket file. */
  listen(where: ListenOptions): Promise<number>
  /** Connections that wait are greeted, from now on units run. */
  serve(session: Session): void
  /** The engine does not open, or has failed: everybody, now and later, is told why. Resolves when that was written. */
  refuse(reason: MillraceError): Promise<void>
  /** Runs `work` between units, outside every transaction. */
  exclusive<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Every write fails with SQLSTATE 53100 and this reason, until it is taken back. */
  refuseWrites(reason: string | undefined): Promise<void>
  /** Units run so far. */
  readonly unitsRun: number
  /** Rejects when the engine has failed; never resolves. */
  readonly failure: Promise<never>
  /** Accepts nothing more, runs what was sent before, waits `closeGraceMs` for open transactions, ends every connection. */
  close(): Promise<void>
}

/** Tells whoever logs what happened. Never holds a statement, a row or a parameter. */
export type Report = (
  level: 'debug' | 'warn',
  event: string,
  fields: Record<string, string | number>,
) => void

/** How long units run before sockets are read again. */
const sliceMs = 5
/** How long a client that does not read is waited for, when the connection ends. */
const flushMs = 1_000

export function createMultiplexer(options: {
  limits: EmbeddedLimits
  password: string | undefined
  report: Report
}): Multiplexer {
  const { limits } = options
  const clients = new Set<Client>()
  const sockets = new Set<Socket>()
  /** Clients that may have units to run, in the order of their turns. */
  const turns = new Set<Client>()
  const departed: Client[] = []
  const jobs: (() => Promise<void>)[] = []
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const drained = Promise.withResolvers<void>()
  let refusal: WireError | undefined
  let isAwake = false
  let isClosing = false
  let unitsRun = 0
  let clientCount = 0
  let idleTimer: NodeJS.Timeout | undefined

  const wake = () => {
    if (isAwake || shared.session === undefined || refusal) return
    isAwake = true
    // After the poll phase every socket has been read, so that turns are fair.
    setImmediate(takeTurns)
  }

  /** The client's place is cleared before others' turns; but what it sent before saying goodbye is done first. */
  const depart = (client: Client) => {
    if (client.hasUnits() || !clients.delete(client)) return
    departed.push(client)
    wake()
  }

  const dismiss = (client: Client, reason?: WireError) => {
    client.end(reason)
    depart(client)
  }

  const { maxResultBytes } = limits
  const shared = createSharedSession({ clients, maxResultBytes, dismiss })

  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    clientCount += 1
    const id = clientCount
    const { password } = options
    const greeting = () => shared.greeting(id)
    const client = createClient(
      socket,
      { id, limits, password, greeting },
      {
        onRunnable: (runnable) => {
          turns.add(runnable)
          wake()
        },
        onWaiting: (waiting) => {
          if (refusal) waiting.end(refusal)
          else if (shared.session) waiting.start()
        },
        onGone: depart,
      },
    )
    clients.add(client)
  }
  const server = createServer({ noDelay: true }, accept)

  const takeTurns = async () => {
    const until = performance.now() + sliceMs
    try {
      for (let step = nextStep(); step; step = nextStep()) {
        await step()
        if (performance.now() < until) continue
        setImmediate(takeTurns)
        return
      }
      isAwake = false
      rest()
    } catch (error) {
      failure.reject(error)
    }
  }

  const nextStep = (): (() => Promise<void>) | undefined => {
    const { owner } = shared
    const leaver = owner ? departed.indexOf(owner) : departed.length - 1
    const [gone] = leaver === -1 ? [] : departed.splice(leaver, 1)
    if (gone) return () => shared.cleanUp(gone)
    if (owner) return stepOf(owner)
    const job = jobs.shift()
    if (job) return job
    for (const client of turns) {
      turns.delete(client)
      const step = stepOf(client)
      if (step) return step
    }
    return undefined
  }

  const stepOf = (client: Client): (() => Promise<void>) | undefined => {
    const unit = client.isCongested() ? undefined : client.takeUnit()
    if (unit === undefined) return undefined
    if (client.hasUnits()) turns.add(client)
    return async () => {
      unitsRun += 1
      await run(client, unit)
      if (isClosing) farewell(client)
    }
  }

  const run = async (client: Client, unit: Unit) => {
    if (unit.kind === 'run') await shared.run(client, unit)
    else if (unit.kind === 'forget') await shared.forget(client, unit.tag, unit.run)
    else if (unit.kind === 'reply') client.write(unit.bytes)
    else dismiss(client)
  }

  /** Nothing can run now. When that is because of an idle owner, its time is counted. */
  const rest = () => {
    clearTimeout(idleTimer)
    if (isClosing && clients.size === 0) drained.resolve()
    const { owner } = shared
    if (owner === undefined) return
    const waiting = turns.size - (turns.has(owner) ? 1 : 0)
    if (waiting === 0) return
    const idleSince = Math.max(owner.lastActive, shared.ownedSince)
    const left = idleSince + limits.idleInTransactionMs - performance.now()
    if (left > 0) {
      idleTimer = setTimeout(rest, left)
      return
    }
    options.report('warn', 'transaction_timed_out', { client: owner.id, waiting })
    const message = `rolled back: others waited while this transaction was idle for ${limits.idleInTransactionMs} ms; the embedded engine runs one transaction at a time, so end it sooner and await no second connection inside`
    dismiss(owner, { severity: 'FATAL', code: '25P03', message })
  }

  /** While closing, a client with nothing left to do goes. */
  const farewell = (client: Client) => {
    if (client === shared.owner || client.hasUnits()) return
    const message = 'terminating connection: the embedded engine is closing'
    dismiss(client, { severity: 'FATAL', code: '57P01', message })
  }

  const exclusive = <T>(work: (session: Session) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      jobs.push(async () => {
        await shared.exclusive(work).then(resolve, reject)
        if (shared.session?.failure) throw shared.session.failure
      })
      wake()
    })

  const listen = async (where: ListenOptions): Promise<number> => {
    const listening = Promise.withResolvers<void>()
    server.on('error', listening.reject)
    server.listen(where, listening.resolve)
    await listening.promise
    const address = server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  /** Until every connection is gone, those that do not read by force. */
  const endServer = async () => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    await drained.promise
    const force = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, flushMs)
    await closed
    clearTimeout(force)
  }

  return {
    listen,

    serve: (session) => {
      shared.open(session)
      for (const client of clients) client.start()
    },

    refuse: async (reason) => {
      const code = reason.code === 'disk_full' ? '53100' : '57P03'
      refusal = { severity: 'FATAL', code, message: reason.message }
      for (const client of clients) client.end(refusal)
      const gone = [...sockets].map((socket) => new Promise((done) => socket.once('close', done)))
      await Promise.race([Promise.all(gone), sleep(flushMs)])
    },

    exclusive,
    refuseWrites: (reason) => exclusive(() => shared.refuseWrites(reason)),

    get unitsRun() {
      return unitsRun
    },
    failure: failure.promise,

    close: async () => {
      // What was sent before close was called may still be in a socket: two turns of the loop read it.
      await immediate()
      await immediate()
      isClosing = true
      for (const client of clients) farewell(client)
      const dismissAll = () => {
        for (const client of clients) dismiss(client)
      }
      const impatient = setTimeout(dismissAll, limits.closeGraceMs)
      failure.promise.catch(() => drained.resolve())
      if (shared.session) wake()
      else drained.resolve()
      await endServer()
      clearTimeout(impatient)
      clearTimeout(idleTimer)
    },
  }
}

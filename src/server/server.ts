import { routeAsk } from './ask-route.ts'
import { createByteBudget } from './byte-budget.ts'
import { type Connections, trackConnections } from './connections.ts'
import { createApp } from './create-app.ts'
import { openDoor } from './doors/open-door.ts'
import { createOtlpDoor } from './doors/otlp-door.ts'
import { streamsDoor } from './doors/streams-door.ts'
import { routeHealth } from './health.ts'
import { listen } from './listen.ts'
import { routePage } from './page.ts'
import type { ServerDeps } from './ports.ts'
import { routeReads } from './read-routes.ts'
import { createRunningWork } from './running-work.ts'
import { resolveServerOptions, type ServerOptions } from './server-options.ts'

/*
 * The HTTP server: doors, questions, health and the page on one port.
 *
 * Guarantees. A 200 from a door is sent after its records were committed and flushed. What cannot be taken now is told
 * so with 503 and Retry-After before memory runs out. Errors are JSON; what was not written for people stays in the log.
 *
 * States: serving -> stopping -> stopped. While it stops, the requests that were under way go on, and every other is
 * answered 503 and its connection closed; /healthz says so too. Then the port closes. After `stopTimeoutMs` the questions
 * are aborted, which still get to say so, and a second later what is left is cut: such a sender got no ack and sends
 * again. The producer and the pool belong to whoever started the server and are closed after it. A crash loses only
 * what was never answered.
 */

export interface Server extends AsyncDisposable {
  /** Where it answers, such as `http://127.0.0.1:4318`. */
  readonly url: string
  /** Takes no more requests and waits for those under way. Idempotent. */
  stop(): Promise<void>
}

/** What is left once questions were aborted has this long to be told. */
const lastWordsMs = 1_000

/**
 * Starts the server. Fails with `invalid_argument` for a bad option or an address that cannot be had, `conflict` when the
 * port is taken, `not_found` when the page's files are missing.
 */
export async function startServer(deps: ServerDeps, options: ServerOptions): Promise<Server> {
  const resolved = resolveServerOptions(options)
  const abort = new AbortController()
  const doors = createRunningWork()
  const asks = createRunningWork()
  let isStopping = false

  const app = createApp({ logger: deps.logger, isStopping: () => isStopping }, resolved)
  const budget = createByteBudget(resolved.maxInFlightBytes)
  routeHealth(app, { pool: deps.pool, isStopping: () => isStopping })
  for (const door of [streamsDoor, createOtlpDoor({ stream: resolved.otlpStream })])
    openDoor(app, { ...deps, budget, running: doors }, door, resolved)
  routeAsk(app, { ...deps, budget, running: asks, stopped: abort.signal }, resolved)
  routeReads(app, deps)
  await routePage(app, deps.webDir)
  const connections = trackConnections(app.server)
  const url = await listen(app, resolved)
  deps.logger.info({ url }, 'server.started')

  const drain = async () => {
    isStopping = true
    const started = performance.now()
    const cut = cutAfter(connections, abort, resolved.stopTimeoutMs)
    connections.release()
    await Promise.race([connections.settled(), cut.done])
    const closed = app.close()
    if (cut.isDone()) connections.cut()
    else connections.release()
    await closed
    // Also what clients have left behind: the producer and the pool are closed after this.
    await Promise.race([Promise.all([doors.settled(), asks.settled()]), cut.done])
    cut.cancel()
    const ms = Math.round(performance.now() - started)
    deps.logger.info({ ms, cut: cut.count() }, 'server.stopped')
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= drain()
    return stopped
  }
  return { url, stop, [Symbol.asyncDispose]: stop }
}

/** Aborts the questions after `ms`, and a moment later ends every connection; `done` resolves then. */
function cutAfter(connections: Connections, abort: AbortController, ms: number) {
  const { promise: done, resolve } = Promise.withResolvers<void>()
  let count = 0
  let isDone = false
  let timer = setTimeout(() => {
    abort.abort()
    timer = setTimeout(() => {
      count = connections.cut()
      isDone = true
      resolve()
    }, lastWordsMs)
  }, ms)
  return { done, cancel: () => clearTimeout(timer), count: () => count, isDone: () => isDone }
}

import { rmSync } from 'node:fs'
import type { ListenOptions } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type ErrorCode, MillraceError, messageOf } from '../../base/errors.ts'
import { readFreeBytes, startDiskGuard } from './disk-guard.ts'
import type { EmbeddedLimits } from './limits.ts'
import { createMultiplexer, type Report } from './multiplexer.ts'
import { openSession } from './session.ts'
import { startUpkeep, type UpkeepOptions } from './upkeep.ts'

/**
 * The engine's thread: the session, the multiplexer and its upkeep, from opening to closing or failure.
 *
 * It listens before it opens, so that connections made meanwhile wait instead of failing. When the engine fails, its
 * memory is not trusted any more: clients are told, the thread ends, and the main thread starts another (open-embedded.ts).
 * A thread that cannot open stays for `refuseMs` to tell clients why.
 */
export interface WorkerInput {
  pgdata: string
  listen: ListenOptions
  password: string | undefined
  limits: EmbeddedLimits
  upkeep: UpkeepOptions
  /** How long to tell clients why the engine does not open before giving up. 0 for the first try. */
  refuseMs: number
}

export type WorkerOutput =
  | { kind: 'ready'; port: number }
  | { kind: 'failed'; code: ErrorCode; message: string }
  | { kind: 'report'; level: 'debug' | 'warn'; event: string; fields: Parameters<Report>[2] }

export type WorkerCommand = 'close'

async function runWorker(port: MessagePort, input: WorkerInput): Promise<void> {
  const send = (message: WorkerOutput) => port.postMessage(message)
  const report: Report = (level, event, fields) => send({ kind: 'report', level, event, fields })
  const { pgdata, password, limits } = input
  const closing = new AbortController()
  const closeAsked = new Promise<void>((resolve) => {
    port.once('message', (_command: WorkerCommand) => {
      closing.abort()
      resolve()
    })
  })

  const multiplexer = createMultiplexer({ limits, password, report })
  const giveUp = async (error: unknown) => {
    const reason =
      error instanceof MillraceError ? error : new MillraceError('internal', messageOf(error))
    send({ kind: 'failed', code: reason.code, message: reason.message })
    await multiplexer.refuse(reason)
  }

  let tcpPort: number
  let session: Awaited<ReturnType<typeof openSession>>
  try {
    // What a thread or a process that died has left would be in the way; the lock says that nobody listens on it.
    if (input.listen.path) rmSync(input.listen.path, { force: true })
    tcpPort = await multiplexer.listen(input.listen)
    session = await openSession({ dataDir: pgdata })
  } catch (error) {
    await giveUp(error)
    await sleep(input.refuseMs, undefined, { signal: closing.signal }).catch(() => undefined)
    return
  }
  multiplexer.serve(session)
  const freeBytes = () => readFreeBytes(pgdata)
  const { reserveBytes } = limits
  const upkeep = startUpkeep({ multiplexer, freeBytes, report }, input.upkeep)
  try {
    const guarding = startDiskGuard({ multiplexer, freeBytes, report }, { reserveBytes })
    const diskGuard = await Promise.race([guarding, multiplexer.failure])
    send({ kind: 'ready', port: tcpPort })
    await Promise.race([closeAsked, multiplexer.failure])
    diskGuard.stop()
    // Together: upkeep may be waiting for a transaction that only closing ends.
    const atRest = Promise.all([multiplexer.close(), upkeep.stop()])
    await Promise.race([atRest, multiplexer.failure])
    await session.close()
  } catch (error) {
    await giveUp(error)
  }
}

if (parentPort) {
  await runWorker(parentPort, workerData as WorkerInput)
  // Ends what of the engine would keep the thread alive.
  process.exit()
}

import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { platform } from 'node:process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ClientConfig } from 'pg'
import { backoffMs } from '../../base/backoff.ts'
import { MillraceError, messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { type Address, chooseAddress, describeAddress, isAnswering } from './address.ts'
import { checkDataDir, prepareDataDir, unusable } from './data-dir.ts'
import { defaultLimits, type EmbeddedLimits } from './limits.ts'
import { acquireLock, type Lock } from './lock.ts'
import { defaultUpkeep, type UpkeepOptions } from './upkeep.ts'
import type { WorkerCommand, WorkerInput, WorkerOutput } from './worker.ts'

/**
 * The embedded engine: PostgreSQL with pgvector, as WebAssembly, in a thread of this process, on a folder. Everything
 * above sees a Postgres server (multiplexer.ts says what is different about it).
 *
 * Guarantees
 * - One process at a time: a second one, and a second opening in the same one, are refused (lock.ts).
 * - What was acknowledged survives the death of the process at any moment, kill -9 included. It does not survive the loss
 *   of power: the engine writes, and never syncs.
 * - The main thread never waits for a query, only for its bytes.
 *
 * States: opening -> open -> closing -> closed. While it is open the thread may fail (a disk that is full where
 * PostgreSQL cannot do without, a bug in the engine): connections break with a reason, another thread recovers from
 * the log, at once and then with growing pauses, and new connections wait or hear why not. The lock is held throughout.
 * The owner of the truth is the folder. A crash while opening for the first time leaves a mark, and the next start
 * begins again; at any other moment the next start recovers.
 */
export interface EmbeddedDatabase {
  /** For psql, pg and whatever else reads libpq's URLs. */
  readonly url: string
  /** For pg.Pool. */
  readonly connection: ClientConfig
  /** Runs what was sent, waits a little for open transactions, writes a checkpoint, removes socket and lock. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface EmbeddedOptions {
  dir: string
  /** Default: a socket file, which other users cannot reach; on Windows TCP on 127.0.0.1, with a password. */
  transport?: 'socket' | 'tcp'
  limits?: Partial<EmbeddedLimits>
  upkeep?: Partial<UpkeepOptions>
}

/** Deep expressions and recursive functions need it: with Node's 4 MB they break the engine instead of failing. */
const stackSizeMb = 64

/**
 * Opens the database in `dir`, which is made when it is not there: 4 s the first time, half a second later.
 * Fails with `data_dir_locked`, `invalid_argument` (not a folder, not writable, not ours), `database_unsupported`
 * (another major version, or damaged) or `disk_full`.
 */
export async function openEmbedded(
  deps: { logger: Logger },
  options: EmbeddedOptions,
): Promise<EmbeddedDatabase> {
  const dir = resolve(options.dir)
  const dataDir = prepareDataDir(dir)
  const lock = await acquireLock(dataDir.lock, isAnswering).catch((error) => {
    throw unusable(dir, error)
  })
  let address: Address | undefined
  try {
    checkDataDir(dir)
    address = chooseAddress(dir, options.transport ?? (platform === 'win32' ? 'tcp' : 'socket'))
    const engine = superviseEngine(deps, {
      pgdata: dataDir.pgdata,
      listen: address.listen,
      password: address.password,
      limits: { ...defaultLimits, ...options.limits },
      upkeep: { ...defaultUpkeep, ...options.upkeep },
    })
    const { url, connection } = describeAddress(address, await engine.opened)
    dataDir.markInitialised()
    lock.publish(url)
    const opened = address
    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= engine.close().finally(() => leave(lock, opened))
      return closing
    }
    return { url, connection, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    leave(lock, address)
    throw error
  }
}

function leave(lock: Lock, address: Address | undefined): void {
  if (address?.temporaryFolder) rmSync(address.temporaryFolder, { recursive: true, force: true })
  if (address?.listen.path) rmSync(address.listen.path, { force: true })
  lock.release()
}

interface Engine {
  /** The TCP port, or 0; rejects when the first thread cannot open. */
  opened: Promise<number>
  /** To be called once. */
  close(): Promise<void>
}

/** Keeps a thread running until it is closed, or the first one cannot open. */
function superviseEngine(deps: { logger: Logger }, input: Omit<WorkerInput, 'refuseMs'>): Engine {
  const { logger } = deps
  const opened = Promise.withResolvers<number>()
  const ended = Promise.withResolvers<void>()
  let listen = input.listen
  let hasOpened = false
  let isClosing = false
  let failures = 0
  let worker: Worker

  const start = () => {
    const refuseMs = failures === 0 ? 0 : backoffMs(failures, { capMs: 5_000 })
    worker = spawnWorker({ ...input, listen, refuseMs })
    worker.on('message', hear)
    worker.on('error', (error) => refuseToOpen('internal', messageOf(error)))
    worker.once('exit', next)
    if (isClosing) askToClose()
  }

  const hear = (message: WorkerOutput) => {
    if (message.kind === 'report') logger[message.level](message.fields, `engine.${message.event}`)
    else if (message.kind === 'failed') refuseToOpen(message.code, message.message)
    else {
      hasOpened = true
      // A thread that comes after must be found where this one was.
      if (listen.path === undefined) listen = { ...listen, port: message.port }
      opened.resolve(message.port)
      if (failures > 0) logger.warn({ failures }, 'engine.recovered')
      failures = 0
    }
  }

  const refuseToOpen = (code: MillraceError['code'], reason: string) => {
    // The first failure to open is the caller's to tell.
    if (hasOpened) logger.error({ code, reason }, 'engine.failed')
    opened.reject(new MillraceError(code, reason))
  }

  const next = (exitCode: number) => {
    if (isClosing || !hasOpened) {
      opened.reject(new MillraceError('internal', `the engine's thread ended with ${exitCode}`))
      ended.resolve()
    } else {
      failures += 1
      start()
    }
  }

  const askToClose = () => worker.postMessage('close' satisfies WorkerCommand)

  start()
  return {
    // The lock is not let go before the thread has.
    opened: opened.promise.catch(async (error) => {
      await ended.promise
      throw error
    }),
    close: async () => {
      isClosing = true
      askToClose()
      const { closeTimeoutMs } = input.limits
      const timer = setTimeout(() => {
        logger.warn({ closeTimeoutMs }, 'engine.close_timed_out')
        void worker.terminate()
      }, closeTimeoutMs)
      await ended.promise
      clearTimeout(timer)
    },
  }
}

function spawnWorker(input: WorkerInput): Worker {
  // The source runs as it is and so does the build: the worker beside this file has its ending.
  const name = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js'
  const file = fileURLToPath(new URL(name, import.meta.url))
  return new Worker(file, {
    workerData: input,
    execArgv: [],
    name: 'millrace-engine',
    resourceLimits: { stackSizeMb },
  })
}

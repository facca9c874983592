import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { MillraceError, messageOf } from '../../base/errors.ts'
import { createResponseScanner } from './response-scanner.ts'
import { cString, readCString } from './wire.ts'

/**
 * The one Postgres session there is: PGlite, PostgreSQL compiled to WebAssembly, on a folder.
 *
 * It blocks its thread while it runs, so it lives in a worker thread, and whoever calls it sees to it that calls do not
 * overlap. Commits are written but never synced: they survive the death of the process, not the loss of power.
 *
 * States: open -> failed | closed. PostgreSQL's PANIC (a full disk under its log, say), its FATAL, and a JavaScript
 * error inside the engine leave memory that cannot be trusted: the session has failed, every later call throws, and
 * only a new session on the folder, which recovers from its log, goes on. PGlite itself would swallow such an error
 * and then spin for ever, so the two functions of its loop are wrapped (0.5.14, pinned).
 */
export interface Session {
  /** Runs whole protocol messages; answers come to `onData` as they are made, in memory the engine uses again. */
  exec(messages: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<void>
  /** For upkeep, never while a client's transaction is open. */
  query<T>(sql: string): Promise<T[]>
  /** Called from `onData`: makes the running statement fail with SQLSTATE 57014 at its next check. */
  interrupt(): void
  /** Why the session is lost, when it is. */
  readonly failure: MillraceError | undefined
  /** ParameterStatus messages that a new client is told, by name. */
  readonly parameters: ReadonlyMap<string, Buffer>
  close(): Promise<void>
}

/** What is used of the compiled engine. */
interface EngineModule {
  HEAPU8: Uint8Array
  _InterruptPending: number
  _QueryCancelPending: number
  _PostgresMainLoopOnce: () => void
  _PostgresMainLongJmp: () => void
}

/** The status PGlite's own error jump carries; every other exception is a failure. */
const longJump = 100

/**
 * Opens the data folder, which is made by initdb when it is empty (3.7 s; otherwise 0.5 s).
 * Fails with `disk_full`, or `database_unsupported` with PostgreSQL's own last words.
 */
export async function openSession(options: { dataDir: string }): Promise<Session> {
  let lastWords = ''
  const db = new PGlite({
    dataDir: options.dataDir,
    extensions: { vector },
    // Errors are the clients' to see, and their texts hold what was being stored.
    startParams: [
      ...PGlite.defaultStartParams,
      ...['-c', 'log_min_messages=fatal', '-c', 'log_min_error_statement=panic'],
    ],
    onStderr: (line) => {
      const severe = /^[\d-]+ [\d:.]+ \w+ \[\d+\] (?:PANIC|FATAL):\s+(.*)/.exec(line)
      if (severe?.[1]) lastWords = severe[1]
      return false
    },
  })
  try {
    await db.waitReady
  } catch (error) {
    throw openingFailed(options.dataDir, lastWords || wordsOf(error), error)
  }
  const engine = db.Module as unknown as EngineModule
  let failure: MillraceError | undefined
  const fail = (error: unknown) => {
    failure ??= engineFailed(lastWords || wordsOf(error), error)
    return failure
  }
  trapFailures(engine, fail)

  const exec = async (messages: Uint8Array, onData: (bytes: Uint8Array) => void) => {
    if (failure) throw failure
    try {
      await db.execProtocolRawStream(messages, { syncToFs: false, onRawData: onData })
    } catch (error) {
      throw fail(error)
    } finally {
      setInterrupt(engine, 0)
    }
  }

  const parameters = new Map<string, Buffer>()
  await exec(startupPacket(), (bytes) => readParameters(bytes, parameters))

  return {
    exec,
    query: async <T>(sql: string) => {
      if (failure) throw failure
      const { rows } = await db.query<T>(sql)
      if (failure) throw failure
      return rows
    },
    interrupt: () => setInterrupt(engine, 1),
    get failure() {
      return failure
    },
    parameters,
    close: () => db.close(),
  }
}

/**
 * Lets nothing but PostgreSQL's own jumps back into PGlite's loop: after any other exception the loop is left by the
 * one door it has, an exception out of the jump's handler.
 */
function trapFailures(engine: EngineModule, fail: (error: unknown) => MillraceError): void {
  const loopOnce = engine._PostgresMainLoopOnce
  const handleJump = engine._PostgresMainLongJmp
  if (typeof loopOnce !== 'function' || typeof handleJump !== 'function')
    throw new MillraceError('internal', 'expected PGlite 0.5.14, found one with another inner loop')
  let failure: MillraceError | undefined
  engine._PostgresMainLoopOnce = () => {
    if (failure === undefined) {
      try {
        loopOnce()
        return
      } catch (error) {
        if (isLongJump(error)) throw error
        failure = fail(error)
      }
    }
    throw Object.assign(new Error('left the loop'), { status: longJump })
  }
  engine._PostgresMainLongJmp = () => {
    if (failure) throw failure
    try {
      handleJump()
    } catch (error) {
      failure = fail(error)
      throw failure
    }
  }
}

/** Sets the flags that a signal would set in a native server. */
function setInterrupt(engine: EngineModule, value: 0 | 1): void {
  engine.HEAPU8[engine._QueryCancelPending] = value
  engine.HEAPU8[engine._InterruptPending] = value
}

function isLongJump(error: unknown): boolean {
  return error instanceof Object && 'status' in error && error.status === longJump
}

function startupPacket(): Buffer {
  const body = ['user', 'postgres', 'database', 'postgres', ''].map(cString)
  const packet = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 3, 0, 0]), ...body])
  packet.writeInt32BE(packet.length, 0)
  return packet
}

/** Keeps the ParameterStatus messages among `bytes`. */
function readParameters(bytes: Uint8Array, into: Map<string, Buffer>): void {
  const scanner = createResponseScanner('S', {
    pass: () => undefined,
    message: (_type, message) => into.set(readCString(message, 5).text, message),
  })
  scanner.push(bytes)
}

/** The engine's file system throws objects that are no errors, with WASI's numbers. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Object) || !('errno' in error)) return messageOf(error)
  return error.errno === 51 ? 'No space left on device' : `file system error ${error.errno}`
}

function isDiskFull(words: string): boolean {
  return /No space left on device|ENOSPC/.test(words)
}

function engineFailed(words: string, cause: unknown): MillraceError {
  return isDiskFull(words)
    ? new MillraceError('disk_full', `the disk is full: ${words}`, { retryable: true, cause })
    : new MillraceError('database_unavailable', `the embedded engine failed: ${words}`, {
        retryable: true,
        cause,
      })
}

function openingFailed(dataDir: string, words: string, cause: unknown): MillraceError {
  return isDiskFull(words)
    ? new MillraceError(
        'disk_full',
        `expected space to open ${dataDir}, found none: free some; what was acknowledged is kept (${words})`,
        { retryable: true, cause },
      )
    : new MillraceError(
        'database_unsupported',
        `expected ${dataDir} to be a folder that the embedded engine can open: ${words}`,
        { cause },
      )
}

import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MillraceError } from '../../base/errors.ts'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'

/**
 * An exclusive lock on a folder, as a file that names its holder. PGlite has none: two engines on one folder lose data.
 *
 * Guarantees: at most one holder; a holder that died, by kill -9 too, is replaced at the next try; a living one never is.
 *
 * A lock file appears with all its content at once (a private file is linked to its name, which fails if the name is
 * taken), and its token is unique for ever. A dead holder's file is removed by one process only: the one that holds the
 * lock `<file>.<token>`, made the same way, and has seen that the file still has that token. Nobody else may remove
 * it and its holder is dead, so between that look and the removal it cannot change. Should the remover die too, its
 * own lock is removed by the same rule. So no two processes can both think they have replaced a stale lock.
 *
 * Crash at any step: a private `*.tmp` file, or a lock of a dead holder, is left; both are harmless.
 * Needs hard links, and that all who use the folder run on one machine.
 */
export interface Lock {
  /** What another process is told that finds the lock taken. */
  publish(url: string): void
  /** Idempotent. */
  release(): void
}

interface Holder extends ProcessIdentity {
  token: string
  /** How the running engine is reached; empty until it is open. */
  url: string
}

/** How long somebody may be busy removing a stale lock. It takes a few file operations. */
const removalMs = 10_000

/**
 * Takes the lock. Fails with `data_dir_locked`, naming the holder, when it is taken.
 * `isAnswering` is asked about a holder whose process cannot be seen: it may run in another container.
 */
export async function acquireLock(
  file: string,
  isAnswering: (url: string) => Promise<boolean> = async () => false,
): Promise<Lock> {
  const own: Holder = { ...identify(), token: randomUUID(), url: '' }
  for (;;) {
    const holder = take(file, own)
    if (holder === undefined) break
    if (isRunning(holder) || (holder.url !== '' && (await isAnswering(holder.url))))
      throw locked(file, holder)
    await removeStale(file, holder.token)
  }
  let isHeld = true
  return {
    publish: (url) => {
      if (isHeld) writeAside(file, { ...own, url }, renameSync)
    },
    release: () => {
      if (isHeld && readHolder(file)?.token === own.token) removeIfThere(file)
      isHeld = false
    },
  }
}

/** Makes the file, or says who has it. */
function take(file: string, own: Holder): Holder | undefined {
  for (;;) {
    if (writeAside(file, own, linkSync)) return undefined
    const holder = readHolder(file)
    if (holder) return holder
  }
}

/** Removes the file of a dead holder, unless somebody else has. */
async function removeStale(file: string, token: string): Promise<void> {
  const guard = `${file}.${token}`
  const own: Holder = { ...identify(), token: randomUUID(), url: '' }
  for (let waitedMs = 0; ; waitedMs += 10) {
    const remover = take(guard, own)
    if (remover === undefined) break
    if (!isRunning(remover)) await removeStale(guard, remover.token)
    else if (waitedMs >= removalMs) throw locked(file, remover)
    else await sleep(10)
    if (readHolder(file)?.token !== token) return
  }
  if (readHolder(file)?.token === token) unlinkSync(file)
  unlinkSync(guard)
}

/** Writes a private file and puts it in place by `put`; false when `put` finds the place taken. */
function writeAside(
  file: string,
  holder: Holder,
  put: (from: string, to: string) => void,
): boolean {
  const aside = `${file}.${randomUUID()}.tmp`
  try {
    writeFileSync(aside, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
    put(aside, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    removeIfThere(aside)
  }
}

/** The holder, or undefined when the file is gone. A file that nobody can have made so lost its content with the power. */
function readHolder(file: string): Holder | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const found: unknown = JSON.parse(text)
    if (isHolder(found)) return found
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  return { pid: 0, start: '', token: 'unreadable', url: '' }
}

function isHolder(value: unknown): value is Holder {
  return (
    value instanceof Object &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'start' in value &&
    typeof value.start === 'string' &&
    'token' in value &&
    typeof value.token === 'string' &&
    'url' in value &&
    typeof value.url === 'string'
  )
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

function locked(file: string, holder: Holder): MillraceError {
  const share =
    holder.url === ''
      ? 'wait until it is open and'
      : `share its database with DATABASE_URL='${holder.url}', or`
  return new MillraceError(
    'data_dir_locked',
    `the data folder is in use by process ${holder.pid} (${file}): stop it, ${share} use its HTTP API`,
    { retryable: true, details: { pid: holder.pid, url: holder.url } },
  )
}

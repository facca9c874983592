import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { MillraceError, messageOf } from '../../base/errors.ts'

/**
 * The folder of an embedded database:
 *   pgdata/         PostgreSQL's data folder
 *   lock            who has it open (lock.ts)
 *   .s.PGSQL.5432   the socket, while it is open
 *   initialising    there while pgdata/ is being made: found at opening, it means that this was cut off, so that
 *                   pgdata/, which nobody has been given yet, is made again
 * A closed folder may be copied as a whole and opened elsewhere.
 */
export interface DataDir {
  pgdata: string
  lock: string
  /** Marks that pgdata/ is complete. */
  markInitialised(): void
}

/** The major version of PGlite's PostgreSQL; its data folders are of no use to another. */
const postgresMajor = '18'

/**
 * Makes the folder, mode 0700, or checks that it is one. Fails with `invalid_argument` when it cannot be used, and with
 * `disk_full`. Changes nothing in it: that needs the lock.
 */
export function prepareDataDir(dir: string): DataDir {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const foreign = readdirSync(dir).filter((name) => !isOwn(name))
    if (foreign.length > 0 && !existsSync(join(dir, 'pgdata')))
      throw new MillraceError(
        'invalid_argument',
        `expected ${dir} to be empty or a data folder of Millrace, found "${foreign[0]}" in it: name another folder in MILLRACE_DIR`,
      )
    if ((statSync(dir).mode & 0o077) !== 0) chmodSync(dir, 0o700)
  } catch (error) {
    throw unusable(dir, error)
  }
  return {
    pgdata: join(dir, 'pgdata'),
    lock: join(dir, 'lock'),
    markInitialised: () => rmSync(marker(dir), { force: true }),
  }
}

/**
 * Under the lock: starts over what a first start left half made, and checks the version of what is there.
 * Fails with `database_unsupported`.
 */
export function checkDataDir(dir: string): void {
  const pgdata = join(dir, 'pgdata')
  try {
    if (existsSync(marker(dir))) rmSync(pgdata, { recursive: true, force: true })
    if (!existsSync(pgdata)) {
      writeFileSync(marker(dir), '')
      mkdirSync(pgdata, { mode: 0o700 })
      return
    }
  } catch (error) {
    throw unusable(dir, error)
  }
  const version = readVersion(join(pgdata, 'PG_VERSION'))
  if (version === postgresMajor) return
  const found = version === undefined ? 'no PG_VERSION' : `version "${version}"`
  throw new MillraceError(
    'database_unsupported',
    `expected ${pgdata} to be made by PostgreSQL ${postgresMajor}, found ${found}: open it with the Millrace that made it, or name another folder in MILLRACE_DIR`,
  )
}

/** What cannot be read or written in `dir`, as our error. */
export function unusable(dir: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new MillraceError('disk_full', `expected space in ${dir}, found none: free some`, {
      retryable: true,
      cause: error,
    })
  return new MillraceError(
    'invalid_argument',
    `expected ${dir} to be a folder that this user can write to: ${messageOf(error)}; name another in MILLRACE_DIR`,
    { cause: error },
  )
}

const marker = (dir: string) => join(dir, 'initialising')

/** Ours, or of no matter. */
function isOwn(name: string): boolean {
  return name.startsWith('.') || name === 'initialising' || /^lock(\.|$)/.test(name)
}

function readVersion(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim()
  } catch {
    return undefined
  }
}

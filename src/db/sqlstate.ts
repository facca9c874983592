import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'

/** The SQLSTATEs that code decides by. MR are our own, raised by the functions in migrations/. */
export const sqlStates = {
  noSegment: 'MR001',
  wrongIsolation: 'MR002',
  overRate: 'MR003',
  lockTimeout: '55P03',
  noTable: '42P01',
} as const

/** The five-character SQLSTATE (or the socket's errno name) of whatever a query threw; null when it has none. */
export function sqlStateOf(error: unknown): string | null {
  for (const cause of causesOf(error))
    if ('code' in cause && typeof cause.code === 'string' && !isMillraceError(cause))
      return cause.code
  return null
}

/** An error and what caused it, and so on; one that is its own cause ends with the tenth. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error && causes.length < 10; cause = cause.cause)
    causes.push(cause)
  return causes
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '57P04',
  '57P05',
  '25006',
])

/** Serialization failure, deadlock, lock timeout, a transaction that was idle or open for too long, cancelled statement. */
const inTheWay = new Set(['40001', '40P01', sqlStates.lockTimeout, '25P03', '25P04', '57014'])

/**
 * Translates what pg threw into the one error type, here and nowhere else. The server's text is kept as the cause:
 * it can hold the values of a row, which must not reach logs or clients.
 */
export function toMillraceError(error: unknown, action: string): MillraceError {
  if (isMillraceError(error)) return error
  const state = sqlStateOf(error)
  const details = { sqlState: state ?? 'none' }
  if (state === '53100' || state === 'ENOSPC')
    return new MillraceError(
      'disk_full',
      `${action}: the database's disk is full; free space there, everything acknowledged is kept`,
      { retryable: true, details, cause: error },
    )
  if (state !== null && (state === '3D000' || state.startsWith('28')))
    return new MillraceError(
      'invalid_argument',
      `${action}: ${state === '3D000' ? 'the database named in DATABASE_URL does not exist' : 'the server refuses the user or password of DATABASE_URL'} (${state})`,
      { details, cause: error },
    )
  if (state === sqlStates.overRate)
    return new MillraceError(
      'throughput_exceeded',
      `${action}: the shard's rate is exceeded; try again in a moment`,
      { retryable: true, details, cause: error },
    )
  if (state === '53200')
    return new MillraceError(
      'database_rejected',
      `${action}: the server has no memory for more locks (53200); raise its max_locks_per_transaction, 512 for streams of hundreds of shards`,
      { details, cause: error },
    )
  if (state === '26000' || state === '42P05')
    return new MillraceError(
      'database_unavailable',
      `${action}: what answers at DATABASE_URL mixes up prepared statements (${state}), as a pooler in transaction mode does; connect to PostgreSQL itself, or let the pooler be in session mode`,
      { retryable: true, details, cause: error },
    )
  if (state !== null && (unreachable.has(state) || /^(08|53|58)/.test(state)))
    return new MillraceError(
      'database_unavailable',
      `${action}: the database does not answer (${state}); check DATABASE_URL and that it is running`,
      { retryable: true, details, cause: error },
    )
  if (isLostConnection(error))
    return new MillraceError(
      'database_unavailable',
      `${action}: the connection to the database was lost; check DATABASE_URL and that it is running`,
      { retryable: true, details, cause: error },
    )
  if (state !== null && inTheWay.has(state))
    return new MillraceError(
      'conflict',
      `${action}: another transaction was in the way (${state})`,
      {
        retryable: true,
        details,
        cause: error,
      },
    )
  if (state !== null)
    return new MillraceError('database_rejected', `${action}: the database refused it (${state})`, {
      details,
      cause: error,
    })
  // What a parser says of its input quotes the input.
  const said = error instanceof SyntaxError ? error.name : messageOf(error)
  return new MillraceError('internal', `${action}: ${said}`, { details, cause: error })
}

/** What pg says, whole and without a code, of a connection that is gone or was not to be had. */
const lost =
  /^(Connection terminated( unexpectedly| due to connection timeout)?|Client (has encountered a connection error|was closed) and is not queryable|timeout exceeded when trying to connect|Query read timeout)$/

/** True when pg lost its connection, and with it perhaps the answer to a statement or a COMMIT. */
export function isLostConnection(error: unknown): boolean {
  return causesOf(error).some((cause) => lost.test(cause.message))
}

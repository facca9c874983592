import { type ErrorCode, isMillraceError, MillraceError } from '../../base/errors.ts'
import { isLostConnection, sqlStateOf, toMillraceError } from '../../db/sqlstate.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { withoutPayload } from './without-payload.ts'

/** Errno names, and undici's, of a service, a disk or a file that is not there now. */
const unreachable =
  /^(ENOSPC|EACCES|EPERM|EMFILE|ENFILE|EROFS|ECONN(REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT))$/

/** SQLSTATE classes of what an operator sets right: names, rights, passwords. No record is at fault, whichever it was. */
const misconfigured = /^(42|28|3D|3F)...$/

/** A batch with fewer records may be in time. */
const statementTimeout = '57014'

/** A wrong key or a missing model is no record's fault either: it waits until somebody sets it right. */
const outages: readonly ErrorCode[] = ['embedder_rejected', 'model_unavailable', 'aborted']

/**
 * What a step or sink threw, as one error that names pipeline, step and records and never quotes them.
 *
 * `retryable`: the outside world is at fault (the step said so with a retryable MillraceError, or something it called
 * cannot be reached): nothing is blamed on a record. Else `step_failed`.
 */
export function toStepError(
  error: unknown,
  place: { pipeline: string; step: string; stream: string; shard: number },
  records: readonly LogRecord[],
  values: readonly unknown[] = [],
): MillraceError {
  if (isMillraceError(error) && error.details.step !== undefined) return error
  const clean = (message: string) => withoutPayload(message, records, values)
  const subject = `pipeline "${place.pipeline}", step "${place.step}", ${describeRecords(place, records)}`
  const details = { step: place.step }
  const code = sqlStateOf(error)
  const away =
    code !== null && unreachable.test(code)
      ? `what it depends on cannot be reached (${code})`
      : code !== null && misconfigured.test(code)
        ? `the database does not let it (${code}): a table, a column or a right is missing`
        : isTimeout(error)
          ? 'what it called did not answer in time'
          : null
  if (away !== null && (!isMillraceError(error) || !error.retryable))
    return new MillraceError(
      'downstream_unavailable',
      `${subject}: ${away}; the records wait${isMillraceError(error) ? `: ${clean(error.message)}` : ''}`,
      { retryable: true, details, cause: error },
    )
  if (code === statementTimeout)
    return new MillraceError('step_failed', `${subject}: a statement took too long (${code})`, {
      details,
      cause: error,
    })
  const failure = isMillraceError(error) ? error : databaseError(error, code)
  if (failure)
    return new MillraceError(failure.code, `${subject}: ${clean(failure.message)}`, {
      retryable: failure.retryable || outages.includes(failure.code),
      details: { ...failure.details, ...details },
      cause: error,
    })
  return new MillraceError('step_failed', `${subject}: ${clean(describeThrown(error))}`, {
    details,
    cause: error,
  })
}

/**
 * Marks an error of what comes behind a window. It is no record's fault, whichever was read last: the window's result
 * is kept until it can be written.
 */
export function markBehindWindow<E>(error: E): E | MillraceError {
  if (!isMillraceError(error) || error.code === 'aborted') return error
  return new MillraceError(error.code, error.message, {
    retryable: error.retryable,
    details: { ...error.details, behindWindow: true },
    cause: error,
  })
}

/** PostgreSQL's errors have five-character codes; what else has one is the step's own. A lost connection has none. */
function databaseError(error: unknown, code: string | null): MillraceError | null {
  const isDatabases = code === null ? isLostConnection(error) : /^[0-9A-Z]{5}$/.test(code)
  return isDatabases ? toMillraceError(error, 'its query') : null
}

/** `AbortSignal.timeout` and its like, which is how a step limits a call of its own. */
function isTimeout(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if (current.name === 'TimeoutError') return true
  return false
}

/** A parser's message quotes its input, so of that only the name is told. */
export function describeThrown(error: unknown): string {
  if (error instanceof SyntaxError) return 'it threw a SyntaxError'
  if (error instanceof Error) return `it threw ${error.name}: ${error.message}`
  return `it threw a value of type ${typeof error}; throw an Error instead`
}

/** `records 12-34 of logs/0`, by sequence number. */
function describeRecords(
  place: { stream: string; shard: number },
  records: readonly { sequence: bigint }[],
): string {
  const [first, last] = [records[0], records.at(-1)]
  const where = `of ${place.stream}/${place.shard}`
  if (!first || !last) return `no records ${where}`
  return first === last
    ? `record ${first.sequence} ${where}`
    : `records ${first.sequence}-${last.sequence} ${where}`
}

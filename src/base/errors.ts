/** Every way in which Millrace says no. A caller decides by `code` and `retryable`, never by text. */
export const errorCodes = [
  'aborted',
  'already_exists',
  'conflict',
  'data_dir_locked',
  'database_rejected',
  'database_unavailable',
  'database_unsupported',
  'disk_full',
  'downstream_unavailable',
  'embedder_rejected',
  'embedder_unavailable',
  'internal',
  'invalid_argument',
  'iterator_expired',
  'limit_exceeded',
  'migration_refused',
  'model_unavailable',
  'not_found',
  'resource_in_use',
  'step_failed',
  'throughput_exceeded',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface ErrorOptions {
  /** The same call may succeed later, unchanged. Default false. */
  retryable?: boolean
  /** Names, numbers and limits that belong to the error. Never a record's payload. */
  details?: Record<string, string | number | boolean | null>
  cause?: unknown
}

/** The one root error. Its message says what was expected, what was found and what to do. */
export class MillraceError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, string | number | boolean | null>>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MillraceError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.details = options.details ?? {}
  }
}

/** True for a MillraceError, of one of `codes` when any are given. */
export function isMillraceError(error: unknown, ...codes: ErrorCode[]): error is MillraceError {
  return error instanceof MillraceError && (codes.length === 0 || codes.includes(error.code))
}

/** The text of whatever was thrown, for a message or a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

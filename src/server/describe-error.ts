import { type ErrorCode, isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { HttpError } from './http-error.ts'
import { retryAfterSecondsOf, statusOf } from './http-status.ts'

/** What a client may know of an error. */
export interface PublicError {
  status: number
  code: ErrorCode
  message: string
  headers: Readonly<Record<string, string>>
}

/**
 * Turns whatever was thrown into what a client may know. Our own messages are written for people; of anything else, and
 * of every 500, the client gets the request's id and the log gets the place: texts of others can hold record data.
 */
export function describeError(
  deps: { logger: Logger },
  error: unknown,
  requestId: string,
): PublicError {
  if (isRefusalOfFastify(error))
    return {
      status: error.statusCode,
      code: 'invalid_argument',
      message: error.message,
      headers: {},
    }
  const known = isMillraceError(error)
  const code = known ? error.code : 'internal'
  const status = error instanceof HttpError ? error.status : statusOf(code)
  if (known && status !== 500) {
    const seconds = retryAfterSecondsOf(code)
    const retryAfter = seconds === null ? {} : { 'retry-after': String(seconds) }
    const own = error instanceof HttpError ? error.headers : {}
    return { status, code, message: error.message, headers: { ...retryAfter, ...own } }
  }
  const details = known ? error.details : {}
  deps.logger.error({ requestId, code, details, ...placeOf(error) }, 'request.failed')
  return {
    status,
    code,
    message: `the server failed; its log has more under request ${requestId}`,
    headers: {},
  }
}

/** Fastify refuses a few requests itself (a malformed URL or Content-Type), with fixed texts. */
function isRefusalOfFastify(error: unknown): error is Error & { statusCode: number } {
  return (
    error instanceof Error &&
    'code' in error &&
    String(error.code).startsWith('FST_') &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode >= 400 &&
    error.statusCode < 500
  )
}

/** The error's class and where it was thrown, without its message. */
function placeOf(error: unknown): { name: string; frames: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] }
  const root = error.cause instanceof Error ? error.cause : error
  const frames = (root.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return { name: root.name, frames: frames.slice(0, 8).map((frame) => frame.trim()) }
}

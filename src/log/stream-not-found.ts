import { MillraceError } from '../base/errors.ts'

/** Says that a stream is missing, and how to make it. */
export function streamNotFound(name: string): MillraceError {
  return new MillraceError(
    'not_found',
    `stream "${name}" does not exist; create it with: millrace stream create ${name}`,
    { details: { stream: name } },
  )
}

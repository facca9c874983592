import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'

/** Refuses what is no function where it is given. Fails with `invalid_argument`; `usage` says how it is right. */
export function requireFunction(value: unknown, subject: string, usage: string): void {
  if (typeof value === 'function') return
  throw new MillraceError(
    'invalid_argument',
    `${subject}: expected a function, got ${shown(value)}; ${usage}`,
  )
}

import type { z } from 'zod'
import { MillraceError } from './errors.ts'

/**
 * Parses what came from outside with the schema its type derives from.
 * Fails with `invalid_argument`, whose message names every field that is wrong.
 */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  subject: string,
): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  throw new MillraceError('invalid_argument', `${subject}: ${problems.join('; ')}`)
}

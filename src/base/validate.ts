import type { z } from 'zod'
import { MillraceError } from './errors.ts'
import { shown } from './shown.ts'

/**
 * Parses what came from outside with the schema its type derives from.
 * Fails with `invalid_argument`, whose message names every field that is wrong, what was expected there and what it is.
 */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  subject: string,
): z.output<T> {
  const result = schema.safeParse(value, { error: describeIssue })
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  throw new MillraceError('invalid_argument', `${subject}: ${problems.join('; ')}`)
}

/** What is said where a schema has no words of its own; undefined leaves it to zod. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const expected = typeNames[issue.expected] ?? `a ${issue.expected}`
    return `expected ${expected}, got ${shown(issue.input)}`
  }
  if (issue.code === 'invalid_value')
    return `expected ${listed(issue.values.map(shown), 'or')}, got ${shown(issue.input)}`
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(issue.inst)
    const expected = known.length > 0 ? `only the keys ${listed(known, 'and')}` : 'no keys'
    return `expected ${expected}, got ${listed(issue.keys.map(shown), 'and')}`
  }
  if (issue.code === 'too_small')
    return describeSize(issue, issue.inclusive ? 'at least' : 'more than', issue.minimum)
  if (issue.code === 'too_big')
    return describeSize(issue, issue.inclusive ? 'at most' : 'less than', issue.maximum)
  return undefined
}

const typeNames: Partial<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  Function: 'a function',
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
}

function describeSize(
  { origin, input }: { origin: string; input: unknown },
  bound: string,
  limit: number | bigint,
): string {
  const wanted = `${bound} ${limit.toLocaleString('en')}`
  if (typeof input === 'string') return `expected ${wanted} characters, got ${input.length}`
  if (Array.isArray(input)) return `expected a list of ${wanted}, got ${input.length}`
  return `expected ${origin === 'date' ? 'a time of ' : ''}${wanted}, got ${shown(input)}`
}

/** The keys that the schema of an object knows. */
function keysOf(schema: unknown): string[] {
  const { shape } = (schema ?? {}) as { shape?: unknown }
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
}

function listed(parts: readonly string[], joint: 'and' | 'or'): string {
  const [last = ''] = parts.slice(-1)
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${joint} ${last}`
}

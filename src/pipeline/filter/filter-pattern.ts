import { MillraceError } from '../../base/errors.ts'
import type { LogRecord } from '../../log/read-records.ts'
import { type BodyPattern, compileBody, compileOr } from './body-pattern.ts'
import { compileMatchers, type FilterMatcher } from './matchers.ts'
import { asJson, isPlainObject, pathTo, refusal } from './refusal.ts'

/**
 * Which records a pipeline takes: a filter pattern of an AWS Lambda event source mapping, in Amazon EventBridge's
 * language. Fields are ANDed, the values of a list ORed. A field that is not named may be anything.
 *
 * `{ partitionKey: [{ prefix: 'eu-' }], data: { level: ['error'], ms: [{ numeric: ['>', 500] }] } }`
 */
export interface FilterPattern {
  readonly partitionKey?: readonly FilterMatcher[]
  /** The sequence number in decimal, a string. */
  readonly sequenceNumber?: readonly FilterMatcher[]
  /** Unix time in seconds, with a fraction. */
  readonly approximateArrivalTimestamp?: readonly FilterMatcher[]
  /**
   * The record's bytes as JSON in UTF-8. An object names fields of a JSON object; what is no JSON does not match it. A
   * list matches a scalar, an element of a JSON list, or the whole text of what is no JSON.
   */
  readonly data?: BodyPattern | readonly FilterMatcher[]
  /** Of these one must match, too. */
  readonly $or?: readonly FilterPattern[]
}

const limits = { patterns: 10, characters: 4_096 } as const

/** A record on its way through the patterns; its body is parsed when the first of them asks for it, once. */
interface Candidate {
  record: LogRecord
  body: Body | undefined
}

/** What is no JSON is its text. */
interface Body {
  isJson: boolean
  value: unknown
}

type CandidateTest = (candidate: Candidate) => boolean

interface Metadata {
  type: 'text' | 'number'
  read: (record: LogRecord) => unknown
}

const metadata = new Map<string, Metadata>([
  ['partitionKey', { type: 'text', read: (record) => record.partitionKey }],
  ['sequenceNumber', { type: 'text', read: (record) => String(record.sequence) }],
  [
    'approximateArrivalTimestamp',
    { type: 'number', read: (record) => record.arrivedAt.getTime() / 1000 },
  ],
])

/**
 * Compiles patterns to a test that is true for a record which one of them matches; without patterns for every record.
 * The test never throws, whatever a record holds. Numbers are compared as JavaScript's: beyond 2^53 they are rounded.
 * Fails with `invalid_argument`, whose message names `subject` and every field that is wrong.
 */
export function compileFilters(
  patterns: readonly FilterPattern[],
  subject = 'filter',
): (record: LogRecord) => boolean {
  const problems: string[] = []
  const tests = compileAll(patterns, problems)
  if (problems.length > 0)
    throw new MillraceError('invalid_argument', `${subject}: ${problems.join('; ')}`)
  if (tests.length === 0) return () => true
  return (record) => {
    const candidate: Candidate = { record, body: undefined }
    return tests.some((test) => test(candidate))
  }
}

function compileAll(patterns: unknown, problems: string[]): CandidateTest[] {
  if (!Array.isArray(patterns)) {
    problems.push(refusal('filters', 'a list of patterns', patterns))
    return []
  }
  if (patterns.length > limits.patterns) {
    problems.push(`filters: expected at most ${limits.patterns} patterns, got ${patterns.length}`)
    return []
  }
  const compiled = Array.from<unknown, Compiled>(patterns, (pattern, index) =>
    compilePattern(pattern, pathTo('filters', index), problems),
  )
  return cheapFirst(compiled)
}

/** A test, and whether it may have to parse the body. */
interface Compiled {
  test: CandidateTest
  readsBody: boolean
}

function compilePattern(pattern: unknown, path: string, problems: string[]): Compiled {
  const impossible = { test: () => false, readsBody: false }
  if (!isPlainObject(pattern)) {
    const expected =
      typeof pattern === 'string'
        ? 'a pattern as an object (JSON.parse it)'
        : 'a pattern, which is an object'
    problems.push(refusal(path, expected, pattern))
    return impossible
  }
  // Before the walk, which calls itself for each level: a short text has few of them, a circle has none.
  const json = asJson(pattern)
  if (json === undefined || json.length > limits.characters) {
    const found = json === undefined ? 'what JSON.stringify refuses' : `${json.length} of them`
    problems.push(`${path}: expected JSON of at most ${limits.characters} characters, got ${found}`)
    return impossible
  }
  return compileTop(pattern, path, problems)
}

function compileTop(pattern: Record<string, unknown>, path: string, problems: string[]): Compiled {
  const fields = Object.entries(pattern)
  const known = [...metadata.keys(), 'data', '$or']
  if (fields.length === 0)
    problems.push(refusal(path, `an object with one or more of ${known.join(', ')}`, pattern))
  const compiled = fields.map(([key, value]): Compiled => {
    const place = pathTo(path, key)
    const field = metadata.get(key)
    if (field) return compileMetadata(field, value, place, problems)
    if (key === 'data') return compileData(value, place, problems)
    if (key === '$or') {
      let readsBody = false
      const test = compileOr(value, place, problems, (alternative, at) => {
        const top = compileTop(alternative, at, problems)
        readsBody ||= top.readsBody
        return top.test
      })
      return { test, readsBody }
    }
    problems.push(`${place}: expected one of ${known.join(', ')}; fields of the body stand in data`)
    return { test: () => false, readsBody: false }
  })
  const tests = cheapFirst(compiled)
  return {
    test: (candidate) => tests.every((test) => test(candidate)),
    readsBody: compiled.some(({ readsBody }) => readsBody),
  }
}

function compileMetadata(
  { type, read }: Metadata,
  list: unknown,
  path: string,
  problems: string[],
): Compiled {
  if (!Array.isArray(list)) {
    problems.push(refusal(path, 'a list of values or matchers', list))
    return { test: () => false, readsBody: false }
  }
  const before = problems.length
  const test = compileMatchers(list, path, problems)
  // It would match nothing, and what matches no filter counts as done.
  for (const [index, matcher] of list.entries())
    if (problems.length === before && ![type, 'any'].includes(typeOf(matcher)))
      problems.push(
        refusal(
          pathTo(path, index),
          type === 'text' ? 'a string or a matcher of strings' : 'a number or { "numeric": ... }',
          matcher,
        ),
      )
  return { test: ({ record }) => test(read(record)), readsBody: false }
}

/** What a matcher can match. */
function typeOf(matcher: unknown): 'text' | 'number' | 'any' | 'other' {
  if (typeof matcher === 'string') return 'text'
  if (typeof matcher === 'number') return 'number'
  if (!isPlainObject(matcher)) return 'other'
  const [operator = ''] = Object.keys(matcher)
  if (operator === 'numeric') return 'number'
  return operator === 'exists' || operator === 'anything-but' ? 'any' : 'text'
}

function compileData(pattern: unknown, path: string, problems: string[]): Compiled {
  const test = compileBody(pattern, path, problems)
  const takesText = Array.isArray(pattern)
  return {
    test: (candidate) => {
      candidate.body ??= parseBody(candidate.record.data)
      const { isJson, value } = candidate.body
      return (isJson || takesText) && test(value)
    },
    readsBody: true,
  }
}

/** What needs no body is asked first. The order of what is ANDed or ORed means nothing else. */
function cheapFirst(compiled: readonly Compiled[]): CandidateTest[] {
  return compiled
    .toSorted((one, other) => Number(one.readsBody) - Number(other.readsBody))
    .map(({ test }) => test)
}

/** Bytes that are no UTF-8 are replaced, as AWS does: one bad byte in a message must not hide a record's level. */
function parseBody(data: Buffer): Body {
  const text = data.toString('utf8')
  // A failed parse costs an Error with its stack; a line of plain text mostly shows at its first character.
  if (!/^[\s"[{\d\-tfn]/.test(text)) return { isJson: false, value: text }
  try {
    return { isJson: true, value: JSON.parse(text) }
  } catch {
    return { isJson: false, value: text }
  }
}

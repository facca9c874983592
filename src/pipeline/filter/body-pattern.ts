import { compileMatchers, elementsOf, type FilterMatcher, type ValueTest } from './matchers.ts'
import { isPlainObject, pathTo, refusal } from './refusal.ts'

/** Fields of a JSON object, all of which must match; of the objects of `$or` one must, too. */
export interface BodyPattern {
  readonly [field: string]: readonly FilterMatcher[] | BodyPattern | readonly BodyPattern[]
  readonly $or?: readonly BodyPattern[]
}

const emptyObject = Object.freeze({})

/** Compiles what a JSON value must look like: a list of matchers, or an object of fields. */
export function compileBody(pattern: unknown, path: string, problems: string[]): ValueTest {
  if (Array.isArray(pattern)) return compileMatchers(pattern, path, problems)
  if (isPlainObject(pattern)) return compileObject(pattern, path, problems)
  problems.push(refusal(path, 'a list of values or matchers, or an object of fields', pattern))
  return () => false
}

/**
 * Of a list of objects one must match the whole pattern. What is no object has none of the fields, which only
 * `{ "exists": false }` accepts.
 */
function compileObject(
  pattern: Record<string, unknown>,
  path: string,
  problems: string[],
): ValueTest {
  const fields = Object.entries(pattern)
  if (fields.length === 0) problems.push(refusal(path, 'an object of fields', pattern))
  const tests = fields.map(([key, value]): ValueTest => {
    const place = pathTo(path, key)
    if (key === '$or') return compileOr(value, place, problems, compileObject)
    const test = compileBody(value, place, problems)
    // hasOwn: "constructor" and "__proto__" are fields only where the JSON says so.
    return (object) =>
      test(Object.hasOwn(object as object, key) ? (object as never)[key] : undefined)
  })
  const matches = (object: object) => tests.every((test) => test(object))
  return (value) => {
    if (!Array.isArray(value)) return matches(isObject(value) ? value : emptyObject)
    const objects = elementsOf(value).filter(isObject)
    return objects.length === 0 ? matches(emptyObject) : objects.some(matches)
  }
}

/** Compiles the alternatives of a `$or`, each with `compile`: the top level has fields of its own. */
export function compileOr<V>(
  alternatives: unknown,
  path: string,
  problems: string[],
  compile: (
    pattern: Record<string, unknown>,
    path: string,
    problems: string[],
  ) => (value: V) => boolean,
): (value: V) => boolean {
  if (!Array.isArray(alternatives) || alternatives.length === 0) {
    problems.push(refusal(path, 'a list of patterns', alternatives))
    return () => false
  }
  const tests = Array.from<unknown, (value: V) => boolean>(alternatives, (pattern, index) => {
    const place = pathTo(path, index)
    if (isPlainObject(pattern)) return compile(pattern, place, problems)
    problems.push(refusal(place, 'a pattern, which is an object', pattern))
    return () => false
  })
  return (value) => tests.some((test) => test(value))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

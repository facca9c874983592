const shownCharacters = 60

/** Where in the patterns something stands, with one more key: `filters[0].data["a.b"]`. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return /^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** What is wrong at a place of a pattern; shows what was found, shortened. Patterns are options, not payloads. */
export function refusal(path: string, expected: string, found: unknown): string {
  return `${path}: expected ${expected}, got ${show(found)}`
}

function show(value: unknown): string {
  if (Array.isArray(value) && value.length === 0) return 'an empty list'
  if (value === '') return 'an empty string'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  const text = asJson(value)
  if (text === undefined) return `a value of type ${typeof value}`
  if (text === '{}') return 'an empty object'
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`
}

/** A value as JSON; undefined when it is none, as a function or a circle. A bigint counts as its digits. */
export function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'bigint' ? `${part}n` : part,
    ) as string | undefined
  } catch {
    return undefined
  }
}

/** An object literal or parsed JSON: not a list, a Date, a Map or the like. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

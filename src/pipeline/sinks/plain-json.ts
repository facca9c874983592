/**
 * A value as what JSON can say of it: dates as ISO text, bigints as decimal text, bytes as `{ base64 }`, typed arrays
 * as lists. Like JSON.stringify it honours toJSON, drops undefined fields and makes null of NaN. A circle is a RangeError,
 * and what JSON.stringify would make an empty object of, in silence, a TypeError: promises, maps, sets.
 */
export function toPlain(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return undefined
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  if (isNumberArray(value)) return Array.from(value, toPlain)
  if (Array.isArray(value)) return value.map((item) => toPlain(item) ?? null)
  if ('toJSON' in value && typeof value.toJSON === 'function') return toPlain(value.toJSON())
  if (value instanceof Promise || value instanceof Map || value instanceof Set)
    throw new TypeError(`expected what JSON can hold, got a ${value.constructor.name}`)
  const plain: Record<string, unknown> = Object.create(null)
  for (const [key, field] of Object.entries(value)) plain[key] = toPlain(field)
  return plain
}

/** Its JSON in one line; undefined for what has none, such as a function. */
export function toJsonLine(value: unknown): string | undefined {
  return JSON.stringify(toPlain(value))
}

/** Float32Array and its kin, bytes apart. */
export function isNumberArray(value: object): value is Float32Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof Uint8Array)
}

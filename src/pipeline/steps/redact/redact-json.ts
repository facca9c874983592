import { isCardNumber } from './card-number.ts'
import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'
import { redactInto } from './redact-text.ts'
import { isSecretKey, ruleOfKey } from './secret-keys.ts'

/** Deeper values are left out: nothing may pass unread. */
const maxDepth = 64

/**
 * A JSON value with its secrets as placeholders, leaf by leaf: under keys such as `password` or
 * `token` every leaf goes, numbers too; all other strings, and the keys, are redacted as text. The
 * value given is not changed.
 */
export function redactJson(
  value: unknown,
  options: RedactionOptions = {},
): { value: unknown; counts: RedactionCounts } {
  const counts: RedactionCounts = {}
  return { value: redactLeaves(value, '', false, 0, counts, options), counts }
}

function redactLeaves(
  value: unknown,
  key: string,
  secret: boolean,
  depth: number,
  counts: RedactionCounts,
  options: RedactionOptions,
): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    return redactLeaf(value, key, secret, counts, options)
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth >= maxDepth) return null
  if (Array.isArray(value)) {
    return value.map((item) => redactLeaves(item, key, secret, depth + 1, counts, options))
  }
  const object = value as Record<string, unknown>
  const entries = Object.keys(object).map((name) => {
    const under = secret || isSecretKey(name)
    const redacted = redactLeaves(object[name], name, under, depth + 1, counts, options)
    return [redactInto(name, counts, options), redacted] as const
  })
  return Object.fromEntries(entries)
}

function redactLeaf(
  value: string | number,
  key: string,
  secret: boolean,
  counts: RedactionCounts,
  options: RedactionOptions,
): string | number {
  const text = String(value)
  if (secret) {
    if (text === '' || isPlaceholder(text) || (/^pwd$/i.test(key) && text.startsWith('/')))
      return value
    const known = redactInto(text, {}, options)
    if (isPlaceholder(known) && known.indexOf('>') === known.length - 1) {
      return redactInto(text, counts, options)
    }
    const rule = ruleOfKey(key)
    count(counts, rule)
    return placeholderOf(rule, text, options)
  }
  if (!/^\d{14,19}$/.test(text)) {
    return typeof value === 'string' ? redactInto(value, counts, options) : value
  }
  if (!isCardNumber(text, `${key}=`)) return value
  count(counts, 'card')
  return placeholderOf('card', text, options)
}

import { isCardNumber } from './card-number.ts'
import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'
import { redactName } from './redact-name.ts'
import { redactInto } from './redact-text.ts'
import { isSecretKey, keyKind, ruleOfKey } from './secret-keys.ts'
import { isBlankValue, looksRandom } from './secret-value.ts'

/** Deeper values are left out: nothing may pass unread. */
const maxDepth = 64

/**
 * A JSON value with its secrets as placeholders, leaf by leaf: under keys such as `password` or
 * `token` every leaf goes, numbers too; all other strings, and the keys, are redacted as text. The
 * value given is not changed, and parts of it without secrets are in the result as they are: most
 * lines have none, and copies that live for a batch cost a seventh of the whole.
 */
export function redactJson(
  value: unknown,
  options: RedactionOptions = {},
): { value: unknown; counts: RedactionCounts } {
  const counts: RedactionCounts = {}
  return { value: redactLeaves(value, '', false, 0, counts, options), counts }
}

/** As `redactJson`, adding to counts that are there already; the value is under `key`, in a `secret` object or not. */
export function redactLeaves(
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
    const items = value.map((item) => redactLeaves(item, key, secret, depth + 1, counts, options))
    return items.every((item, index) => item === value[index]) ? value : items
  }
  const object = value as Record<string, unknown>
  const names = Object.keys(object)
  // Only a plain object may pass as it is: another may show what its keys do not.
  let entries: [string, unknown][] | undefined = isPlain(object) ? undefined : []
  for (const [index, name] of names.entries()) {
    const under = secret || isSecretKey(name) || (isValue(name) && namesSecret(object))
    const redacted = redactLeaves(object[name], name, under, depth + 1, counts, options)
    const safeName = redactName(name, counts, options)
    if (redacted !== object[name] || safeName !== name)
      entries ??= names.slice(0, index).map((before) => [before, object[before]])
    entries?.push([safeName, redacted])
  }
  return entries ? Object.fromEntries(entries) : value
}

const isValue = (name: string) => name === 'value' || name === 'Value' || name === 'val'

/** `{"name": "password", "value": "x"}`, as lists of headers, variables and attributes are written. */
function namesSecret(object: Record<string, unknown>): boolean {
  const name = object.name ?? object.key ?? object.Name ?? object.Key
  return typeof name === 'string' && isSecretKey(name)
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  return prototype === Object.prototype || prototype === null
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
    if (isBlankValue(text) || isNoSecret(text, key)) return value
    const known = redactInto(text, {}, options)
    if (isPlaceholder(known) && known.indexOf('>') === known.length - 1) {
      return redactInto(text, counts, options)
    }
    const rule = ruleOfKey(key)
    count(counts, rule)
    return placeholderOf(rule, text, options)
  }
  if (text.length >= 16 && keyKind(key) === 'soft' && looksRandom(text)) {
    const rule = ruleOfKey(key)
    count(counts, rule)
    return placeholderOf(rule, text, options)
  }
  if (!/^\d{13,19}$/.test(text)) {
    return typeof value === 'string' ? redactInto(value, counts, options) : value
  }
  if (!isCardNumber(text, `${key}=`)) return value
  count(counts, 'card')
  return placeholderOf('card', text, options)
}

/** A path under `pwd`; under `token` and its like, which also stand for other things, a word that says so. */
function isNoSecret(text: string, key: string): boolean {
  if (/pwd$/i.test(key)) return text.startsWith('/')
  return (
    keyKind(key) === 'weak' &&
    /^(?:true|false|null|none|n\/a|undefined|missing|invalid|valid|expired|present|absent|unknown|revoked|required|optional|\d{1,5})$/i.test(
      text,
    )
  )
}

import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'
import { ruleOfKey, secretKeyPattern } from './secret-keys.ts'

const anyKey = /pass|pwd|secret|token|key|credential|sig=|signature|cvv|cvc|otp|identified/i
const longestValue = 8_192

/**
 * A key and what parts it from its value: `=`, `:`, `=>`; or a blank before a quoted value or
 * behind `--`.
 */
const keyAndJoint = new RegExp(
  `(?:${secretKeyPattern}|(?<sql>identified\\s{1,4}by))(?<joint>["'\\\\\\]]{0,4}\\s{0,4}(?:=>|:=|[:=])\\s{0,4}|\\s{1,4})`,
  'gi',
)

/** What stands behind `password:` in prose and is no password. */
const prose: ReadonlySet<string> = new Set(
  (
    'null none nil undefined true false empty redacted hidden masked filtered too must is was are cannot ' +
    'not invalid incorrect wrong missing required expired authentication does the a an at for no field ' +
    'failed denied mismatch unknown changed reset string number object yes ok'
  ).split(' '),
)

/**
 * Takes out the values of keys that name secrets: `password=x`, `"api_key": "x"`, `--token x`,
 * `PASSWORD 'x'`. After a name that also stands for other things (`token`, `secret`) the value must
 * look like a secret.
 */
export function redactKeyValues(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  if (!anyKey.test(text)) return text
  let out = ''
  let done = 0
  keyAndJoint.lastIndex = 0
  for (let match = keyAndJoint.exec(text); match !== null; match = keyAndJoint.exec(text)) {
    const inside = placeholderEnd(text, match.index)
    if (inside > 0) {
      keyAndJoint.lastIndex = inside
      continue
    }
    const valueStart = keyAndJoint.lastIndex
    const groups = match.groups ?? {}
    const value = readValue(text, valueStart)
    const joint = (groups.joint ?? '').replace(/["'\\\]]/g, '').trim()
    if (joint === '' && !allowsBlank(text, match.index, value, groups)) continue
    if (value.end === value.start) continue
    const secret = text.slice(value.start, value.end)
    // What is blank is passed over; any other value that is no secret may have one inside.
    keyAndJoint.lastIndex = blank.test(secret) ? value.end : value.start
    if (!isSecret(secret, groups, joint, value.quoted)) continue
    keyAndJoint.lastIndex = value.end
    const rule = ruleOfKey(match[0])
    count(counts, rule)
    out += text.slice(done, value.start) + placeholderOf(rule, secret, options)
    done = value.end
  }
  return done === 0 ? text : out + text.slice(done)
}

/**
 * Where the placeholder ends that a key was found in (`<password:3fa2c1>`), 0 when it is in none.
 */
function placeholderEnd(text: string, keyStart: number): number {
  const from = Math.max(0, keyStart - 20)
  const open = text.slice(from, keyStart).lastIndexOf('<')
  if (open < 0 || !isPlaceholder(text.slice(from + open, from + open + 40))) return 0
  const end = text.indexOf('>', from + open) + 1
  return end > keyStart ? end : 0
}

interface Value {
  start: number
  end: number
  quoted: boolean
}

/** The value at `start`: to the closing quote, or to what ends a bare one. */
function readValue(text: string, start: number): Value {
  const limit = Math.min(text.length, start + longestValue)
  let at = start
  let escaped = false
  if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === "'")) {
    escaped = true
    at += 1
  }
  const quote = text[at] === '"' || text[at] === "'" ? text.charCodeAt(at) : 0
  if (quote !== 0) {
    const from = at + 1
    for (at = from; at < limit; at += 1) {
      const code = text.charCodeAt(at)
      if (code === quote || code === 10) return { start: from, end: at, quoted: true }
      if (code !== 92) continue
      if (escaped && text.charCodeAt(at + 1) === quote)
        return { start: from, end: at, quoted: true }
      at += 1
    }
    return { start: from, end: Math.min(at, text.length), quoted: true }
  }
  while (at < limit && !endsBare(text.charCodeAt(at))) at += 1
  let end = at
  while (end > start && (text[end - 1] === ',' || text[end - 1] === '.')) end -= 1
  if (text[start] === '<')
    end = start + (/^<[^<>\s]{0,64}>/.exec(text.slice(start, start + 66))?.[0].length ?? 0)
  return { start, end, quoted: false }
}

function endsBare(code: number): boolean {
  return (
    code <= 32 ||
    code === 34 ||
    code === 39 ||
    code === 38 ||
    code === 59 ||
    code === 41 ||
    code === 93 ||
    code === 125 ||
    code === 60 ||
    code === 62
  )
}

type Groups = Record<string, string | undefined>

/** A blank alone parts a key from its value behind `--` and before SQL's quoted strings. */
function allowsBlank(text: string, keyStart: number, value: Value, groups: Groups): boolean {
  if (value.quoted && text[value.start - 1] === "'")
    return groups.strong !== undefined || groups.sql !== undefined
  if (groups.sql !== undefined) return false
  const before = text.slice(Math.max(0, keyStart - 40), keyStart)
  return /(?:^|[\s"'])--[\w-]{0,32}$/.test(before) && text[value.start] !== '-'
}

/** Whether a value is a secret, by its key and by what parts them. */
function isSecret(secret: string, groups: Groups, joint: string, quoted: boolean): boolean {
  if (isPlaceholder(secret) || blank.test(secret) || prose.has(secret.toLowerCase())) return false
  const key = groups.strong?.toLowerCase()
  if (key === 'pwd' && secret.startsWith('/')) return false
  if (key === 'pass' && /^\d{1,5}$/.test(secret)) return false
  if (key !== undefined && shortKeys.has(key)) return joint.startsWith('=') || quoted
  if (key !== undefined || groups.sql !== undefined) return true
  if (joint.startsWith('=')) return secret.length >= 6
  const mixed = /\d/.test(secret) && /[A-Za-z]/.test(secret)
  return secret.length >= 8 && (mixed || secret.length >= 20) && !secret.includes('/')
}

/** Starred out, a variable still to be filled in, a format's hole, or an opening bracket. */
const blank = /^(?:[*x#.\u2022]+$|\$[{(]|\{\{|%[sdv@]$|<|[{[(]$)/i

/** Keys that are words of prose before a colon. */
const shortKeys: ReadonlySet<string> = new Set(['pass', 'otp', 'cvc', 'cvc2', 'cvv', 'cvv2'])

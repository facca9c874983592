import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'
import { readValue, type Value } from './read-value.ts'
import {
  isHarmlessKey,
  type KeyKind,
  ruleOfKey,
  secretKeyPattern,
  startsWord,
} from './secret-keys.ts'
import { isBlankValue, isSecretValue, type Joint } from './secret-value.ts'

const quote = String.raw`["'\x60\\\]]{0,12}`

/** What parts a key from its value, in all the ways that texts are written. */
const joints = [
  // `"password": "x"`, `password => x`, `password%3Dx`, `password&quot;:&quot;x`
  String.raw`(?<assign>${quote}(?:&quot;|&#34;|&#39;|%22|\\u0022)?\s{0,4}(?:=>|:=|={1,3}|::?|%3[AaDd]|\\u003[dDaA])\s{0,4}(?:&quot;|&#34;|&#39;|%22|\\u0022|string\(\d{1,5}\)\s|Some\(|[NnbBuUrR](?=["']))?)`,
  // `"name":"password","value":"x"`, `<property name="password" value="x"/>`, and OpenTelemetry's
  String.raw`(?<pair>["'\\]{0,8}\s{0,4},?\s{0,4}["'\\]{0,8}value["'\\]{0,8}\s{0,4}[:=]\s{0,4}(?:\{\s{0,2}["'\\]{1,8}string_?[vV]alue["'\\]{1,8}\s{0,2}:\s{0,2})?)`,
  // `s:8:"password";s:7:"x"`, and a form's part behind its heading
  String.raw`(?<part>\\{0,3}["'](?:;s:\d{1,5}:|(?:\r?\n|\\r\\n|\\n){2}))`,
  String.raw`(?<list>["']\s?,\s?(?=["']))`,
  String.raw`(?<element>\\{0,3}["']?(?:\s[^<>&]{0,64})?(?:>|&gt;))`,
  String.raw`(?<call>\s?\(\s?(?=\\{0,3}["']))`,
  String.raw`(?<blank>\s{1,4}(?:(?:is|was):?\s)?)`,
].join('|')

const sql = String.raw`(?<sql>identified\s{1,4}(?:with\s{1,4}\S{1,64}\s{1,4})?(?:by|as)(?:\s{1,4}password)?)`

const keyAndJoint = new RegExp(`(?:${secretKeyPattern}|${sql})(?:${joints})`, 'gi')

type Groups = Record<string, string | undefined>

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
  let out = ''
  let done = 0
  let known: Value | undefined
  keyAndJoint.lastIndex = 0
  for (let match = keyAndJoint.exec(text); match !== null; match = keyAndJoint.exec(text)) {
    const inside = placeholderEnd(text, match.index)
    if (inside > 0) {
      keyAndJoint.lastIndex = inside
      continue
    }
    const groups: Groups = match.groups ?? {}
    const key = groups.strong ?? groups.weak ?? groups.soft ?? ''
    const valueStart = keyAndJoint.lastIndex
    if (!startsWord(text, match.index, key)) continue
    const kind: KeyKind = groups.weak ? 'weak' : groups.soft ? 'soft' : 'strong'
    let value =
      groups.element === undefined
        ? readValue(text, valueStart, known)
        : readElement(text, match.index, valueStart)
    if (!value.quoted) known = value
    if (kind === 'soft' && !value.quoted) value = untilDivider(text, value)
    const joint = jointOf(text, match.index, groups, value)
    if (joint === null || value.end === value.start) continue
    const secret = text.slice(value.start, value.end)
    const isBlank = isBlankValue(secret)
    // What is blank is passed over; any other value that is no secret may have one inside.
    keyAndJoint.lastIndex =
      isBlank && secret[0] !== '{' && secret[0] !== '[' ? value.end : value.start
    if (isBlank) continue
    if (
      kind !== 'strong' &&
      isHarmlessKey(text.slice(Math.max(0, match.index - 24), match.index + key.length))
    )
      continue
    if (groups.soft?.toLowerCase() === 'key' && !isNamedKey(text, match.index)) continue
    if (!isSecretValue(secret, key, kind, joint, value.quoted)) continue
    keyAndJoint.lastIndex = value.end
    const rule = ruleOfKey(groups.sql === undefined ? key : 'identified')
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

/** What parts the key from its value; null when it does not. */
function jointOf(text: string, keyStart: number, groups: Groups, value: Value): Joint | null {
  const { assign, blank } = groups
  if (assign !== undefined) return /=|%3d|003d/i.test(assign) ? 'equals' : 'colon'
  if (groups.sql !== undefined) {
    if (value.quoted) return 'sql'
    return blank === undefined ||
      /^(?:externally|globally|values?|random)\b/i.test(text.slice(value.start, value.end))
      ? null
      : 'sql'
  }
  if (groups.pair !== undefined || groups.part !== undefined || groups.element !== undefined)
    return 'pair'
  if (groups.list !== undefined) return 'list'
  if (groups.call !== undefined) return value.quoted && groups.strong !== undefined ? 'sql' : null
  if (blank === undefined || groups.soft !== undefined) return null
  const before = text.slice(Math.max(0, keyStart - 40), keyStart)
  if (text[value.start] !== '-' && /(?:^|[\s"'[,])-{1,2}[\w-]{0,32}$/.test(before)) return 'flag'
  // Only a whole word is followed by its value in prose or SQL.
  if (groups.strong === undefined || !/pass(?:w|phrase|code)/i.test(groups.strong)) return null
  if (value.quoted) return /['"\\\x60]/.test(text[value.start - 1] ?? '') ? 'sql' : null
  return 'blank'
}

/** A session in an address ends where its parameters begin. */
function untilDivider(text: string, value: Value): Value {
  const length = text.slice(value.start, value.end).search(/[?#,;|]/)
  return length < 0 ? value : { ...value, end: value.start + length }
}

/** `stripe_key`, `DD_KEY`, `?key=`: a key of something, not the word alone. */
function isNamedKey(text: string, keyStart: number): boolean {
  return /[A-Za-z0-9_.-]$|[?&]$/.test(text.slice(Math.max(0, keyStart - 1), keyStart))
}

const longestElement = 1_024

/** What stands between an opening tag and a closing one; nothing when there are not both. */
function readElement(text: string, keyStart: number, start: number): Value {
  const none = { start, end: start, quoted: true }
  const before = text.slice(Math.max(0, keyStart - 80), keyStart)
  const open = Math.max(before.lastIndexOf('<'), before.lastIndexOf('&lt;'))
  if (open < 0 || /^(?:<|&lt;)\/|>|&gt;/.test(before.slice(open))) return none
  const content = /^[^<>\r\n]{0,1023}?(?=<\/|&lt;\/)/.exec(
    text.slice(start, start + longestElement),
  )
  return content ? { start, end: start + content[0].length, quoted: true } : none
}

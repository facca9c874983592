import { isPlaceholder } from './placeholder.ts'
import type { KeyKind } from './secret-keys.ts'

/** What parts a key from its value. */
export type Joint = 'equals' | 'colon' | 'pair' | 'list' | 'flag' | 'sql' | 'blank'

/** What stands behind `password:` in prose and is no password. */
const prose: ReadonlySet<string> = new Set(
  (
    'null none nil undefined true false empty redacted hidden masked filtered too must is was are cannot not invalid ' +
    'incorrect wrong missing required expired authentication does the a an at for no field failed denied mismatch ' +
    'unknown changed reset string number object yes ok change update updated set unset accepted verified valid match ' +
    'matches matched enabled disabled optional used provided supplied given sent generated success successful correct ' +
    'via from by with and or if when has have will should may please login blank n/a default prompt protected hash ' +
    'hashed policy publickey files compat sss boolean bool int text varchar bearer basic digest on off new old ' +
    'created deleted revoked rotated refreshed issued found refused rejected ready active inactive closed opened open ' +
    'started stopped ended lost pending anonymous guest strong weak plain plaintext encrypted stored saved omitted ' +
    'removed deprecated unsupported supported present absent error warning info debug unauthorized forbidden session ' +
    'user admin root external internal oauth oauth2 jwt saml ldap kerberos cookie header query body env file vault in ' +
    'to of on be been being value key token secret password username'
  ).split(' '),
)

/** Starred out, a variable still to be filled in, a format's hole, or an opening bracket. */
const blank =
  /^(?:[*x#.\u2022-]+$|\$[{(]|\$[A-Z][A-Z0-9_]*$|\{\{|%[sdvq@]$|%[A-Z_]{2,}%$|<|[{[(]+$|[[({]?(?:filtered|redacted|hidden|masked|removed|omitted|protected|not set|scrubbed|sensitive)\b|\[?\*{3}|\((?:null|none|nil|unset|empty|string|hidden)\)?$|\[?object)/i

/** How much of a value is looked at: what goes on longer is a secret or none by its beginning. */
const looked = 256

/** True for a value that says that nothing is there, or that it was taken out before. */
export function isBlankValue(value: string): boolean {
  return value === '' || isPlaceholder(value) || blank.test(value.slice(0, looked))
}

/** Whether a value is a secret, by its key and by what parts them. */
export function isSecretValue(
  value: string,
  key: string,
  kind: KeyKind,
  joint: Joint,
  quoted: boolean,
): boolean {
  const head = value.slice(0, looked)
  if (isProse(head)) return false
  if (kind === 'soft') return joint !== 'list' && looksRandom(value)
  if (kind === 'weak') return isWeakSecret(value, head, joint)
  const name = key.toLowerCase()
  if (/pwd$/.test(name) && /^(?:\/|~|[A-Za-z]:\\)/.test(head)) return false
  if (joint === 'list' || (joint === 'blank' && !quoted)) return mixes(head) && !/[/=@]/.test(head)
  if (name === 'pass' || name === 'pw' || codes.has(name)) {
    if (codes.has(name) && !/^\d{3,10}$/.test(head)) return false
    if (/^\d{1,5}$/.test(head) && !codes.has(name)) return false
    return joint !== 'colon' || quoted || mixes(head)
  }
  return true
}

/** `failed`, `required|min:8`, `true,`. */
function isProse(head: string): boolean {
  return prose.has(/^[^|,.;!]*/.exec(head)?.[0].toLowerCase() ?? '')
}

/** Keys that are words of prose before a colon, and whose values are digits. */
const codes: ReadonlySet<string> = new Set(['otp', 'cvc', 'cvc2', 'cvv', 'cvv2', 'totp'])

function isWeakSecret(value: string, head: string, joint: Joint): boolean {
  // Positions, sizes and times; a path to where it stands; the name of an object.
  if (/^[\d.,:]{1,5}$|^\d{4}-\d\d-\d\d|^(?:\.{0,2}|~|[A-Za-z]:)[/\\]/.test(head)) return false
  if (joint === 'equals' || joint === 'flag' || joint === 'pair')
    return value.length >= 6 && !isName(head)
  const mixed = /\d/.test(head) && /[A-Za-z]/.test(head)
  return (
    value.length >= 8 &&
    (mixed || value.length >= 20) &&
    !isName(head) &&
    (!head.includes('/') || looksRandom(value))
  )
}

/** `db-creds`, `regcred-prod`, `kube-system/token`: words and dashes, as objects are called. */
function isName(head: string): boolean {
  return /^[a-z]{2,20}(?:[-_./:][a-z]{1,20}){1,8}(?:[-_.]?\d{1,2})?$/.test(head)
}

/** Six characters or more, digits and letters or signs among them, and no date. */
function mixes(head: string): boolean {
  return (
    head.length >= 6 &&
    /[A-Za-z]/.test(head) &&
    /\d/.test(head) &&
    !/^\d{1,4}[-:./]\d|^0x|^v?\d+\.\d/.test(head) &&
    !/^[a-z]{2,12}[-_]?\d{1,2}$/.test(head)
  )
}

/** Sixteen characters or more that nobody would choose: hex, or capitals, small letters and digits. */
export function looksRandom(value: string): boolean {
  const head = value.slice(0, looked)
  if (value.length < 16 || !/^[A-Za-z0-9+/=_~.%-]+$/.test(head) || /^0x|^\d+$|[._-]{2}/i.test(head))
    return false
  if (/^[0-9a-f-]{16,}$|^[0-9A-F-]{16,}$/.test(head)) return /\d/.test(head) && /[a-f]/i.test(head)
  if (head.split(/[._/-]/).length > 4) return false
  const digits = head.replace(/\D/g, '').length
  const changes = (head.match(/[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g) ?? []).length
  return digits >= 1 && changes >= Math.min(6, head.length / 6)
}

import type { RedactionRule } from './placeholder.ts'

const sep = '[-_. ]?'

/** Names whose values are secrets whatever they look like. */
const strong = [
  'pass(?:w(?:or)?d|phrase|code|wort)s?',
  '(?:store|key|trust|db|ssh|smtp|user|my|root|admin|mail|ftp|sudo|bind|proxy|redis|rabbit|mq|pg|ldap)pass',
  'pass|pwd|pw|psw|cvv2?|cvc2?|t?otp|ssn',
  `(?:client|app|api|shared|consumer|webhook|signing|jwt|cookie|session|oauth|auth|hmac|totp)${sep}secret`,
  `(?:api|access|secret|private|account|signing|encryption|encrypt|decryption|auth|subscription|master|app|application|licen[cs]e|sas|unseal|storage|admin|cipher|aes|hmac|jwt|integration|ingestion|functions|fernet|crypto)${sep}key`,
  `shared${sep}access${sep}(?:key|signature)`,
  `secret${sep}access${sep}key`,
  `(?:secret${sep})?key${sep}base`,
  `recovery${sep}(?:code|phrase|key)|seed${sep}phrase|mnemonic`,
].join('|')

/** Names that also stand for other things in prose: their values must look like a secret. */
const weak = `token|secret|credentials?|creds|signature|(?<![a-z])sig|client${sep}assertion|saml(?:response|request)`

/** Names that mostly stand for other things: only what can be nothing but a secret goes. */
const soft = [
  `(?:session|sess)${sep}(?:id|key|token)|j?sessionid|phpsessid|(?<![a-z])sid|connect\\.sid|session`,
  '(?<![a-z])auth|(?<=[?&])code|key',
].join('|')

/** The end of a key that has a secret, anywhere in a text. */
export const secretKeyPattern = `(?<strong>${strong})|(?<weak>${weak})|(?<soft>${soft})`

/** One cheap look: no key can match in a text without one of these. */
export const anySecretKey =
  /pass|pwd|pw["'\\]{0,8}\s?[:=]|psw|secret|token|key|cred|sig|cvv|cvc|otp|ssn|auth|sess|sid|code=|identified|bearer|basic|cookie|mnemonic|phrase|assertion|saml/i

const wholeKey = new RegExp(
  `(?:${strong}|(?<weak>${weak}|authorization|bearer|(?<![a-z])jwt|cookies?)|(?<soft>${soft}))$`,
  'i',
)
const harmless =
  /tokens$|(?:public|pub|cache|partition|primary|foreign|routing|sort|row|hash|idempotency|object|s3|group|dedup\w{0,12}|trace|span|msg|message|record|lookup|index|shard|map|sub|job|lock|file|image|blob|event|issue|project|i18n|config|metric|feature|flag|idx|natural|schema|sequence|business|composite|ref|reference|tree|host|page|next|previous|continuation|sync|cancellation|pagination|xsrf|registry|stop|start|end|eos|bos|pad|mask|unk)[-_. ]?(?:key|token)s?$|(?:checksum|hash|digest)[-_./]?(?:secret|token)$|(?:image|pull|tls|k8s|kube)[-_.]?(?:pull)?[-_.]?secrets?$/i

export type KeyKind = 'strong' | 'weak' | 'soft'

const known = new Map<string, KeyKind | null>()

/** What a structured field's name says of its value: `db_password`, `X-Api-Key`, `authToken`. Null: nothing. */
export function keyKind(key: string): KeyKind | null {
  const cached = known.get(key)
  if (cached !== undefined) return cached
  const kind = findKind(key)
  // Names are few; of a sender that makes them up none is kept for long.
  if (known.size >= 4_096) known.clear()
  known.set(key, kind)
  return kind
}

function findKind(key: string): KeyKind | null {
  if (key.length > 128) return null
  const match = wholeKey.exec(key)
  if (match === null || !startsWord(key, match.index, match[0])) return null
  if (harmless.test(key)) return null
  if (match.groups?.soft !== undefined) return 'soft'
  return match.groups?.weak === undefined ? 'strong' : 'weak'
}

/** True for a name whose whole value is a secret. */
export function isSecretKey(key: string): boolean {
  const kind = keyKind(key)
  return kind === 'strong' || kind === 'weak'
}

const short = /^(?:pass|pwd|pw|psw|cvv2?|cvc2?|t?otp|ssn)$/i

/**
 * False for a short name in the middle of a word: `compass`, `bypass`. A capital behind a small letter begins a word:
 * `dbPass`.
 */
export function startsWord(text: string, at: number, name: string): boolean {
  if (!short.test(name)) return true
  const before = text[at - 1] ?? ''
  return !/[A-Za-z]/.test(before) || (/[a-z]/.test(before) && /^[A-Z][a-z]/.test(name))
}

/** True for a key that ends like a secret's and is none: `partition_key`, `next_page_token`. */
export function isHarmlessKey(key: string): boolean {
  return harmless.test(key)
}

/** The rule that a value under a secret key is counted under. */
export function ruleOfKey(key: string): RedactionRule {
  if (/secret[-_. ]?access[-_. ]?key/i.test(key)) return 'aws_secret'
  if (/pass|pwd|pw|identified/i.test(key)) return 'password'
  if (/cookie/i.test(key)) return 'cookie'
  if (/sess|sid/i.test(key)) return 'session'
  return /authorization/i.test(key) ? 'authorization' : 'secret'
}

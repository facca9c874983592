import type { RedactionRule } from './placeholder.ts'

/** Names whose values are secrets whatever they look like. */
const strong =
  'passw(?:or)?d|passphrase|passcode|(?<![a-z])pass|(?<![a-z])pwd|(?:client|app|api|shared|consumer|webhook)[-_. ]?secret|' +
  '(?:api|access|secret|private|account|signing|encryption|auth|subscription|master)[-_. ]?key|' +
  'secret[-_. ]?access[-_. ]?key|(?<![a-z])(?:cvv2?|cvc2?|otp)'

/** Names that also stand for other things in prose: their values must look like a secret. */
const weak = 'token|secret|credentials?|signature|(?<![a-z])sig'

/** The end of a key that has a secret, anywhere in a text. */
export const secretKeyPattern = `(?<strong>${strong})|(?<weak>${weak})`

const wholeKey = new RegExp(
  `(?:${strong}|${weak}|authorization|cookies?|bearer|(?<![a-z])jwt)$`,
  'i',
)
const pluralIsSafe = /tokens$/i

/**
 * True for the key of a structured field whose whole value is a secret: `db_password`, `X-Api-Key`,
 * `authToken`.
 */
export function isSecretKey(key: string): boolean {
  return key.length <= 128 && !pluralIsSafe.test(key) && wholeKey.test(key)
}

/** The rule that a value under a secret key is counted under. */
export function ruleOfKey(key: string): RedactionRule {
  if (/secret[-_. ]?access[-_. ]?key/i.test(key)) return 'aws_secret'
  if (/pass|pwd|identified/i.test(key)) return 'password'
  if (/cookie/i.test(key)) return 'cookie'
  return /authorization/i.test(key) ? 'authorization' : 'secret'
}

import { createHmac } from 'node:crypto'

/** What was found, and the name of its placeholder: `<email:3fa2c1>`. */
export const redactionRules = [
  'private_key',
  'authorization',
  'cookie',
  'session',
  'aws_key',
  'aws_secret',
  'azure_key',
  'google_key',
  'github_token',
  'gitlab_token',
  'slack_token',
  'stripe_key',
  'openai_key',
  'anthropic_key',
  'npm_token',
  'pypi_token',
  'api_token',
  'webhook',
  'jwt',
  'password',
  'password_hash',
  'secret',
  'email',
  'card',
  'iban',
  'ip',
  'user',
] as const

export type BuiltInRule = (typeof redactionRules)[number]

/** A rule's name: one of `redactionRules`, or of a rule of the user's own. */
export type RedactionRule = string

/** How many secrets were taken out, by rule. */
export type RedactionCounts = Record<RedactionRule, number>

/** A rule of the user's own, ready to run: what it finds becomes a placeholder of its name. */
export interface OwnRule {
  name: RedactionRule
  replace: (text: string, by: (secret: string) => string) => string
}

export interface RedactionOptions {
  /**
   * Key of the placeholders' hash. One salt for one database: whoever knows it can test guesses of
   * a secret against its placeholder, and with another salt the same secret has another
   * placeholder. Default: a constant, which keeps placeholders equal everywhere and makes weak
   * secrets guessable.
   */
  salt?: string
  /** IPv4 and IPv6 addresses as well. Default false. */
  ips?: boolean
  /** Names of users as well, where a key or a well-known phrase says that one is meant. Default false. */
  userNames?: boolean
  /** Rules of the user's own, after all others. */
  own?: readonly OwnRule[]
  /** Names that were found to be clean, under these same options: they come again with every line. */
  cleanNames?: Set<string>
}

const defaultSalt = 'millrace'
const hashLength = 6

/**
 * The placeholder of a secret: the rule and 24 bits of HMAC-SHA256(salt, secret). The same secret
 * is the same placeholder, so that events can still be joined on it, and too little of the hash is
 * kept to confirm a guess with certainty.
 */
export function placeholderOf(
  rule: RedactionRule,
  secret: string,
  options: RedactionOptions,
): string {
  const hash = createHmac('sha256', options.salt ?? defaultSalt)
    .update(secret)
    .digest('hex')
  return `<${rule}:${hash.slice(0, hashLength)}>`
}

const placeholder = /^<[a-z_]{2,20}:[0-9a-f]{6}>/

/** True for a text that starts with a placeholder: it was redacted before. */
export function isPlaceholder(text: string): boolean {
  return placeholder.test(text)
}

/** Counts one secret more. */
export function count(counts: RedactionCounts, rule: RedactionRule): void {
  counts[rule] = (counts[rule] ?? 0) + 1
}

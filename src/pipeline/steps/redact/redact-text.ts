import { codeRules, commandRules, phraseRules } from './command-rules.ts'
import { redactHeaders } from './headers.ts'
import { redactKeyValues } from './key-values.ts'
import { accountRules, cardRules, emailRules, ipRules, userRules } from './personal-rules.ts'
import {
  count,
  isPlaceholder,
  placeholderOf,
  type RedactionCounts,
  type RedactionOptions,
} from './placeholder.ts'
import { redactPrivateKeys } from './private-keys.ts'
import { anyHintOf, type Rule } from './rule.ts'
import { marks, scanText } from './scan-text.ts'
import { anySecretKey } from './secret-keys.ts'
import { tokenRules } from './token-rules.ts'
import { unmask } from './unmask.ts'
import { addressRules, urlRules } from './url-rules.ts'

/**
 * A text with its secrets as placeholders (`<email:3fa2c1>`), and how many there were by rule. Text
 * without secrets comes back as it is; redacting twice changes nothing. Time is linear in the
 * text's length.
 */
export function redactText(
  text: string,
  options: RedactionOptions = {},
): { text: string; counts: RedactionCounts } {
  const counts: RedactionCounts = {}
  return { text: redactInto(text, counts, options), counts }
}

/** As `redactText`, adding to counts that are there already. */
export function redactInto(
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  if (isTooShort(text)) return text
  const found = scanText(text)
  if ((found & marks.wide) === 0) return redactPlain(text, found, counts, options)
  const plain = unmask(text)
  if (plain === text) return redactPlain(text, found, counts, options)
  const safe = redactPlain(plain, scanText(plain), counts, options)
  return safe === plain ? text : safe
}

/**
 * The shortest secret with a form of its own has 14 characters; all others have one of these beside
 * them.
 */
function isTooShort(text: string): boolean {
  return text.length < 14 && !/[@%=:.\s>]/.test(text)
}

const isHash = (rule: Rule) => rule.name === 'password_hash'
const hintedTokens = tokenRules.filter((rule) => rule.hints.length > 0)
const otherTokens = tokenRules.filter((rule) => rule.hints.length === 0 && !isHash(rule))
const hashes = tokenRules.filter(isHash)
const anyToken = anyHintOf(hintedTokens)

/** What holds other secrets inside comes first; what a password may have in it, as a mail's form, comes last. */
function redactPlain(
  text: string,
  found: number,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  const has = (mark: number) => (found & mark) !== 0
  let safe = has(marks.dashes | marks.token) ? redactPrivateKeys(text, counts, options) : text
  const apply = (rules: readonly Rule[]) => {
    for (const rule of rules)
      if (
        (rule.needs === undefined || safe.includes(rule.needs)) &&
        (rule.hints.length === 0 || rule.hints.some((hint) => safe.includes(hint)))
      )
        safe = applyRule(rule, safe, counts, options)
  }
  if (has(marks.scheme | marks.percent)) apply(urlRules)
  if (has(marks.token)) {
    const before = counts.aws_key
    if (anyToken.test(safe)) apply(hintedTokens)
    if (has(marks.long)) apply(otherTokens)
    if (counts.aws_key !== before) apply([awsSecret])
  }
  if (has(marks.dollar)) apply(hashes)
  if (has(marks.at)) apply(addressRules)
  if (has(marks.flag)) apply(commandRules)
  if (anySecretKey.test(safe)) {
    apply(phraseRules)
    safe = redactHeaders(safe, counts, options)
    if (has(marks.joint | marks.flag) || /pass\w{1,10} /i.test(safe))
      safe = redactKeyValues(safe, counts, options)
  }
  if (safe.includes('code ') || safe.includes('code: ') || safe.includes('PIN ')) apply(codeRules)
  if (has(marks.at | marks.percent) || safe.includes('u0040')) apply(emailRules)
  if (has(marks.account)) apply(accountRules)
  if (has(marks.digits)) apply(cardRules)
  if (options.ips === true) apply(ipRules)
  if (options.userNames === true) apply(userRules)
  for (const { name, replace } of options.own ?? [])
    safe = replace(safe, (secret) => {
      count(counts, name)
      return placeholderOf(name, secret, options)
    })
  return safe
}

/**
 * An AWS secret has no form of its own: 40 mixed characters count as one beside an access key's id.
 */
const awsSecret: Rule = {
  name: 'aws_secret',
  hints: [],
  pattern: /(?<![A-Za-z0-9/+])()([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/g,
  accept: (secret) => /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret),
}

function applyRule(
  rule: Rule,
  text: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  return text.replace(rule.pattern, (match, kept: string, secret: string, ...rest: unknown[]) => {
    const offset = rest.find((value) => typeof value === 'number') ?? 0
    const before = text.slice(Math.max(0, offset - 40), offset)
    if (isPlaceholder(secret)) return match
    if (rule.accept !== undefined && !rule.accept(secret, before, kept)) return match
    count(counts, rule.name)
    return kept + placeholderOf(rule.name, rule.normalise?.(secret) ?? secret, options)
  })
}

import { redactHeaders } from './headers.ts'
import { redactKeyValues } from './key-values.ts'
import { emailRule, ipRules, numberRules, userRules } from './personal-rules.ts'
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
import { commandRules, urlRules } from './url-rules.ts'

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
  const plain = unmask(text)
  if (plain === text) return redactPlain(text, counts, options)
  const safe = redactPlain(plain, counts, options)
  return safe === plain ? text : safe
}

const isShort = (hint: string) => hint.length < 2 || hint === '=='
const rareTokens = tokenRules.filter((rule) => !rule.hints.some(isShort))
const commonTokens = tokenRules.filter(
  (rule) => rule.hints.some(isShort) && rule.name !== 'password_hash',
)
const hashRules = tokenRules.filter((rule) => rule.name === 'password_hash')
const anyToken = anyHintOf(rareTokens)
const anyCommand = anyHintOf(commandRules)

/** What holds other secrets inside comes first; what a password may have in it, as a mail's form, comes last. */
function redactPlain(text: string, counts: RedactionCounts, options: RedactionOptions): string {
  const found = scanText(text)
  const has = (mark: number) => (found & mark) !== 0
  let safe = has(marks.dashes) || has(marks.token) ? redactPrivateKeys(text, counts, options) : text
  const apply = (rules: readonly Rule[]) => {
    for (const rule of rules)
      if (rule.hints.length === 0 || rule.hints.some((hint) => safe.includes(hint)))
        safe = applyRule(rule, safe, counts, options)
  }
  if (has(marks.scheme) || has(marks.percent)) apply(urlRules)
  if (has(marks.token)) {
    const before = counts.aws_key
    if (anyToken.test(safe)) apply(rareTokens)
    apply(commonTokens)
    if (counts.aws_key !== before) apply([awsSecret])
  }
  if (has(marks.dollar)) apply(hashRules)
  if (anyCommand.test(safe)) apply(commandRules)
  if (anySecretKey.test(safe)) {
    safe = redactHeaders(safe, counts, options)
    if (has(marks.joint) || / password /i.test(safe)) safe = redactKeyValues(safe, counts, options)
  }
  if (has(marks.at) || has(marks.percent) || safe.includes('u0040')) apply([emailRule])
  if (has(marks.digits)) apply(numberRules)
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

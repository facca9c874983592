import { redactHeaders } from './headers.ts'
import { redactKeyValues } from './key-values.ts'
import { count, placeholderOf, type RedactionCounts, type RedactionOptions } from './placeholder.ts'
import { redactPrivateKeys } from './private-keys.ts'
import { type Rule, rules } from './rules.ts'

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
  let safe = redactPrivateKeys(text, counts, options)
  const hinted = anyHint.test(safe)
  for (const rule of hinted ? rules : alwaysSearched) {
    const searched = rule.hints.length === 0 || rule.hints.some((hint) => safe.includes(hint))
    if (searched) safe = applyRule(rule, safe, counts, options)
  }
  if (hinted && counts.aws_key !== undefined) safe = applyRule(awsSecret, safe, counts, options)
  safe = redactHeaders(safe, counts, options)
  return redactKeyValues(safe, counts, options)
}

/**
 * The shortest secret with a form of its own has 14 characters; all others have one of these beside
 * them.
 */
function isTooShort(text: string): boolean {
  return text.length < 14 && !/[@%=:\s]/.test(text)
}

const alwaysSearched = rules.filter((rule) => rule.hints.length === 0)

/**
 * One look for all hints: most lines have none of the sixty, and asking for each costs ten times as
 * much.
 */
const anyHint = new RegExp(
  rules
    .flatMap((rule) => rule.hints)
    .map((hint) => hint.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|'),
)

/**
 * An AWS secret has no form of its own: 40 mixed characters count as one beside an access key's id.
 */
const awsSecret: Rule = {
  name: 'aws_secret',
  hints: [],
  pattern: /(?<![A-Za-z0-9/+=])()([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/g,
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
    if (rule.accept !== undefined && !rule.accept(secret, before)) return match
    count(counts, rule.name)
    return kept + placeholderOf(rule.name, rule.normalise?.(secret) ?? secret, options)
  })
}

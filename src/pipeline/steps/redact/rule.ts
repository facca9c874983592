import type { BuiltInRule } from './placeholder.ts'

/**
 * One kind of secret that its own form gives away. The pattern has two groups: what stays before the
 * secret, and the secret. Every pattern is linear: it starts at a literal or at the border of a run
 * (a lookbehind), every repetition is bounded, and none can split a text in two ways.
 */
export interface Rule {
  name: BuiltInRule
  /** A text with none of them is not searched. */
  hints: readonly string[]
  /** Nor is one without this, which is in too many texts to be a hint. */
  needs?: string
  pattern: RegExp
  /** Says no to what has the form and is none. `before` is the text in front, 40 characters at most. */
  accept?: (secret: string, before: string, kept: string) => boolean
  /** The secret as it is hashed: spellings of one secret are one. */
  normalise?: (secret: string) => string
}

/** One look for all the hints of many rules: most lines have none, and asking for each costs ten times as much. */
export function anyHintOf(rules: readonly Rule[], flags = ''): RegExp {
  const hints = new Set(rules.flatMap((rule) => rule.hints))
  return new RegExp(
    [...hints].map((hint) => hint.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
    flags,
  )
}

/** Where a token may begin: behind no letter or digit, unless they are an escaped sign: `%20`, `\n`, `\u003d`. */
export const border = String.raw`(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}|\\[nrtbf]|\\u00[0-9A-Fa-f]{2}))`

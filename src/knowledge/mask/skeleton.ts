import { divider, joiner, kindOf } from './character.ts'
import { wildcard } from './mask-part.ts'

/**
 * A token with its variable parts as wildcards: `(class=a.b.C)` gives `(class=<*>)`. A part is
 * variable if it has a wildcard, is dotted, or stands in quotes and is no key's value: all of that
 * the masker has put into the terms.
 */
export function skeletonOf(token: string): string {
  let out = ''
  let at = 0
  while (at < token.length) {
    if (isDivider(token, at)) {
      out += token[at]
      at += 1
      continue
    }
    const start = at
    let wild = false
    while (at < token.length && !isDivider(token, at)) {
      const atWildcard = token.startsWith(wildcard, at)
      wild ||= atWildcard
      at += atWildcard ? wildcard.length : 1
    }
    const part = token.slice(start, at)
    const isValue = token.charCodeAt(start - 2) === 61
    const varies = wild || isDotted(part) || (isQuoted(token, start, at) && !isValue)
    out += varies ? wildcard : part
  }
  return out
}

/**
 * True for a part with a joiner other than `-` and `_` between its characters, or an absolute path.
 */
export function isDotted(part: string): boolean {
  for (let at = 1; at < part.length - 1; at += 1) {
    const code = part.charCodeAt(at)
    if (kindOf(code) === joiner && code !== 45 && code !== 95) return true
  }
  return part.length > 1 && part.charCodeAt(0) === 47
}

/** True for what stands between two quotes of one kind. */
export function isQuoted(text: string, start: number, end: number): boolean {
  const quote = text.charCodeAt(start - 1)
  return (quote === 34 || quote === 39 || quote === 96) && text.charCodeAt(end) === quote
}

function isDivider(token: string, at: number): boolean {
  return kindOf(token.charCodeAt(at)) === divider && !token.startsWith(wildcard, at)
}

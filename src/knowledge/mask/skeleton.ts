import { divider, dividers, kindOf, letter } from './character.ts'
import { isDotted, isStatementName } from './dotted-name.ts'
import { wildcard } from './mask-part.ts'

const edge = `[${dividers.replaceAll(/[[\]]/g, '\\$&')}]`
/** Behind `=`, or behind a part that is a `key:` (keyLength). */
const lead = `(=|(?<=(?:^|${edge})[A-Za-z\\u0080-\\uffff_-]{2,}):)`
const closed = String.raw`"<\*>"|'<\*>'|\[<\*>\]|\(<\*>\)|\{<\*>\}|<\*>(?:\{<\*>\}|\[<\*>\]|\(<\*>\))+`
/** A value of wildcards in quotes or brackets, and nothing behind it that would be one part with a bare one. */
const decorated = new RegExp(String.raw`${lead}(?:${closed})(?=$|(?!<\*>)${edge})`, 'g')

/**
 * A token with its variable parts as wildcards: `(class=a.b.C)` gives `(class=<*>)`. A part is
 * variable if it has a wildcard, is dotted and names no statement, or stands in quotes and is no
 * key's value: all of that the masker has put into the terms. What may be empty is as good as
 * filled: `rhost=` gives `rhost=<*>`, `()` gives `(<*>)`. A token without a word is one wildcard, in
 * its parentheses: what stands in them is beside what stands before them.
 *
 * The skeleton of a skeleton is itself.
 */
export function skeletonOf(token: string, leads: boolean): string {
  let out = ''
  let said = false
  let at = 0
  while (at < token.length) {
    if (isDivider(token, at)) {
      out += token[at]
      at += 1
      if (isUnknown(token, at)) at += 1
      else if (!isUnfilled(token, at)) continue
      out += wildcard
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
    const isBlank = token.charCodeAt(start - 1) === 61 && !wild && !/[\p{L}\p{N}]/u.test(part)
    const form = partForm(part, {
      wild,
      named: isBlank || (isQuoted(token, start, at) && !isValue),
      after: token.charCodeAt(at),
      leads: leads && start === 0,
    })
    said ||= form !== wildcard && /[\p{L}\p{N}]/u.test(form)
    out += form
  }
  if (!said && out.includes(wildcard)) return out.startsWith('(') ? `(${wildcard})` : wildcard
  if (!said) return out
  return out.includes('=') || out.includes(':') ? bareValues(out) : out
}

/** A value in quotes or brackets, or with brackets behind it, is as good as a bare one. */
function bareValues(token: string): string {
  let before = token
  for (;;) {
    const after = before.replace(decorated, `$1${wildcard}`)
    if (after === before) return after
    before = after
  }
}

function partForm(
  part: string,
  at: { wild: boolean; named: boolean; after: number; leads: boolean },
): string {
  if (at.named) return wildcard
  if (!at.wild) {
    if (!isDotted(part) || isWordPair(part)) return part
    if (isStatementName(part, at.after, at.leads)) return part
  }
  const tail = tailStart(part)
  const key = keyLength(part)
  return part.slice(0, key) + wildcard + part.slice(tail)
}

/** Two words with a slash between them: `read/write`, not a path. */
function isWordPair(part: string): boolean {
  const slash = part.indexOf('/')
  if (slash < 1 || slash === part.length - 1) return false
  for (let at = 0; at < part.length; at += 1)
    if (at !== slash && kindOf(part.charCodeAt(at)) !== letter) return false
  return true
}

/** The length of a `key:` before a value, 0 when there is none. */
function keyLength(part: string): number {
  let at = 0
  while (at < part.length && isWordCode(part.charCodeAt(at))) at += 1
  const code = part.charCodeAt(at)
  if (at < 2) return 0
  const isKey = code === 58 && part.charCodeAt(at + 1) !== 47 && part.charCodeAt(at + 1) !== 58
  return isKey && at + 1 < part.length ? at + 1 : 0
}

/** Where the `:word` behind an address begins, which goes on with the sentence; else the end. */
function tailStart(part: string): number {
  let at = part.length
  while (at > 0 && kindOf(part.charCodeAt(at - 1)) === letter) at -= 1
  const isTail = part.length - at >= 2 && part[at - 1] === ':' && part[at - 2] === '>'
  return isTail ? at - 1 : part.length
}

/** Letters, `_` and `-`. */
function isWordCode(code: number): boolean {
  return kindOf(code) === letter || code === 95 || code === 45
}

/** True at a question mark that is all of a key's value. */
function isUnknown(token: string, at: number): boolean {
  if (token.charCodeAt(at) !== 63 || token.charCodeAt(at - 1) !== 61) return false
  return at + 1 === token.length || isDivider(token, at + 1)
}

/** True behind a `=` without a value and between a pair of brackets or quotes without a content. */
function isUnfilled(token: string, at: number): boolean {
  const opened = token.charCodeAt(at - 1)
  const next = token.charCodeAt(at)
  if (opened === 61)
    return at === token.length || (next !== 61 && isDivider(token, at) && !opens(next))
  if (opened === 40) return next === 41
  if (opened === 91) return next === 93
  return opened === 123 && next === 125
}

function opens(code: number): boolean {
  return code === 40 || code === 91 || code === 123 || code === 34 || code === 39 || code === 96
}

/** True for what stands between two quotes of one kind. */
export function isQuoted(text: string, start: number, end: number): boolean {
  const quote = text.charCodeAt(start - 1)
  return (quote === 34 || quote === 39 || quote === 96) && text.charCodeAt(end) === quote
}

function isDivider(token: string, at: number): boolean {
  return kindOf(token.charCodeAt(at)) === divider && !token.startsWith(wildcard, at)
}

import { wildcard } from './mask/mask-part.ts'
import { skeletonOf } from './mask/skeleton.ts'

/** A shape's tokens: what blanks part. */
export function tokenize(shape: string): string[] {
  return shape === '' ? [] : shape.split(' ')
}

/**
 * How alike two shapes of the same number of tokens are, 0..1: the share of tokens that are equal,
 * where tokens with a wildcard that differ count a half. 0 for different lengths, and where a plain
 * word stands against another or against a wildcard: words say what happened, so `link up` and
 * `link down` are never one pattern.
 */
export function similarity(a: readonly string[], b: readonly string[]): number {
  if (a.length !== b.length || a.length === 0) return 0
  let score = 0
  for (let at = 0; at < a.length; at += 1) {
    const left = a[at] ?? ''
    const right = b[at] ?? ''
    if (left === right) score += 1
    else if (left === wildcard || right === wildcard) {
      if (!isVariable(left === wildcard ? right : left)) return 0
      score += 0.5
    } else if (wordsOf(left) !== wordsOf(right)) return 0
    else if (left.includes(wildcard) || right.includes(wildcard)) score += 0.5
  }
  return score / a.length
}

/**
 * What two similar shapes have in common: what differs becomes a wildcard, down to the part of a
 * token.
 */
export function generalise(a: readonly string[], b: readonly string[]): string[] {
  return a.map((token, at) => {
    const other = b[at] ?? ''
    if (token === other) return token
    if (isVariable(token)) return wildcard
    const skeleton = skeletonOf(token)
    return skeleton.includes(wildcard) ? skeleton : skeletonOf(other)
  })
}

/** The words of a token that are in no variable part of it, with what parts them left out. */
function wordsOf(token: string): string {
  return skeletonOf(token)
    .replaceAll(wildcard, ' ')
    .replace(/[^\p{L}\p{N}_-]+/gu, ' ')
    .trim()
}

/** True where nothing of a token is a plain word: the masker has put all of it into the terms. */
function isVariable(token: string): boolean {
  return wordsOf(token) === ''
}

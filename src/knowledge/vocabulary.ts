import type { Pool } from 'pg'
import { remember } from '../base/remember.ts'
import { glossary } from './glossary.ts'
import { wordsOf } from './words.ts'

/** The words of the patterns and the glossary, and what a misspelt one is likely to be. */
export interface Vocabulary {
  /** The one known word that `word` is a slip of; null where there is none, or several. */
  correct(word: string): Promise<string | null>
}

export interface VocabularyOptions {
  /** How long the words of the patterns are kept before they are read again. Default 60,000 ms. */
  maxAgeMs?: number
}

/**
 * A slip is one letter more, less, other or swapped with its neighbour; two of them from eight letters on. The first letter is
 * right: it nearly always is, and "plastic" is not "elastic".
 *
 * Reads: pattern, at most once in `maxAgeMs`: 2,000 patterns take about 10 ms.
 */
export function createVocabulary(
  deps: { pool: Pool },
  options: VocabularyOptions = {},
): Vocabulary {
  const { maxAgeMs = 60_000 } = options
  const words = remember(() => readWords(deps), { maxAgeMs })
  return {
    async correct(word) {
      if (word.length < 5 || !/^\p{Ll}+$/u.test(word)) return null
      const candidates = (await words()).get(word.charAt(0)) ?? []
      if (candidates.includes(word)) return null
      const slips = word.length >= 8 ? 2 : 1
      for (let allowed = 1; allowed <= slips; allowed += 1) {
        const near = candidates.filter((known) => isWithin(known, word, allowed))
        if (near.length > 0) return onlyStem(near)
      }
      return null
    },
  }
}

/** By their first letter. */
async function readWords({ pool }: { pool: Pool }): Promise<Map<string, string[]>> {
  const { rows } = await pool.query<{ word: string }>(
    `select distinct word
       from millrace.pattern p
      cross join lateral regexp_split_to_table(p.words, ' ') as word
      where length(word) between 4 and 24`,
  )
  const known = new Set(rows.map((row) => row.word).filter((word) => /^\p{Ll}+$/u.test(word)))
  for (const { plain, logged } of glossary)
    for (const word of wordsOf([plain, ...logged].join(' '))) if (word.length > 3) known.add(word)
  return Map.groupBy(known, (word) => word.charAt(0))
}

/** The shortest of several forms of one word; null for different words. */
function onlyStem(words: readonly string[]): string | null {
  const [shortest, ...others] = words.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  if (shortest === undefined) return null
  const stem = shortest.slice(0, Math.max(4, shortest.length - 2))
  return others.every((word) => word.startsWith(stem)) ? shortest : null
}

/** True when at most `allowed` slips make `word` of `known`: Damerau and Levenshtein's distance. */
function isWithin(known: string, word: string, allowed: number): boolean {
  if (Math.abs(known.length - word.length) > allowed) return false
  let before: number[] = []
  let previous = Array.from({ length: word.length + 1 }, (_, index) => index)
  for (let row = 1; row <= known.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= word.length; column += 1) {
      const isSame = known[row - 1] === word[column - 1]
      let least = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
      )
      const isSwap = known[row - 1] === word[column - 2] && known[row - 2] === word[column - 1]
      if (row > 1 && column > 1 && isSwap) least = Math.min(least, (before[column - 2] ?? 0) + 1)
      current.push(least)
    }
    before = previous
    previous = current
  }
  return (previous[word.length] ?? allowed + 1) <= allowed
}

import { searchWords, wordsOf } from '../../knowledge/words.ts'

/** Robertson's usual constants. */
const k1 = 1.2
const b = 0.75

/**
 * The baseline: BM25 over whole lines, each a document of its own, with the words that our lexical leg sees (camelCase and
 * dotted names taken apart, no stop words in the question). It knows nothing of time, services or patterns.
 * Returns what ranks lines: the indexes of the best `limit`, best first; of equals the first.
 */
export function createBm25(
  lines: readonly string[],
): (question: string, options: { limit: number }) => number[] {
  const postings = new Map<string, { line: number; count: number }[]>()
  const lengths: number[] = []
  for (const [line, text] of lines.entries()) {
    const words = wordsOf(text)
    lengths.push(words.length)
    const counts = new Map<string, number>()
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
    for (const [word, count] of counts) {
      const places = postings.get(word)
      if (places) places.push({ line, count })
      else postings.set(word, [{ line, count }])
    }
  }
  let total = 0
  for (const length of lengths) total += length
  const mean = total / Math.max(1, lengths.length)

  return (question, { limit }) => {
    const scores = new Map<number, number>()
    for (const word of searchWords(question)) {
      const places = postings.get(word) ?? []
      const rarity = Math.log(1 + (lines.length - places.length + 0.5) / (places.length + 0.5))
      for (const { line, count } of places) {
        const norm = k1 * (1 - b + (b * (lengths[line] ?? 0)) / mean)
        const score = (rarity * count * (k1 + 1)) / (count + norm)
        scores.set(line, (scores.get(line) ?? 0) + score)
      }
    }
    return [...scores]
      .sort(([one, a], [other, c]) => c - a || one - other)
      .slice(0, limit)
      .map(([line]) => line)
  }
}

const verbs = ['count']
const amounts = ['many', 'often', 'much']

/**
 * The question with small slips put right in the words that ask for a number, where only these can stand: "coutn the errors",
 * "how mnay", "hwo often", "nubmer of". A letter swapped, doubled or left out; never another one: "mount" is no slip.
 */
export function correctAsking(question: string): string {
  return question
    .replace(/^(\s*(?:please\s+)?)([a-z]{4,6})(?=\s+\S)/i, (all, head: string, word: string) =>
      isSlip(word, verbs) ? `${head}count` : all,
    )
    .replace(
      /\b(h[ow]{1,2}|ohw|woh)(\s+)([a-z]{3,6})\b/gi,
      (all, how, gap: string, word: string) => {
        const meant = amounts.find(
          (amount) => word.toLowerCase() === amount || isSlip(word, [amount]),
        )
        const isHow = how.toLowerCase() === 'how'
        return meant === undefined || (isHow && meant === word.toLowerCase())
          ? all
          : `how${gap}${meant}`
      },
    )
    .replace(/\b([a-z]{5,7})(?=\s+of\b)/gi, (word) => (isSlip(word, ['number']) ? 'number' : word))
}

/** True for a word that is not one of `words` but for one slip; real words near to them are none. */
function isSlip(written: string, words: readonly string[]): boolean {
  const word = written.toLowerCase()
  if (realWords.has(word) || words.includes(word)) return false
  return words.some((meant) => [...slipsOf(meant)].includes(word))
}

const realWords: ReadonlySet<string> = new Set(
  'man may any mane money counts county court cont mount amount of ten soften mush number numbers'.split(
    ' ',
  ),
)

function* slipsOf(word: string): Generator<string> {
  for (let at = 0; at < word.length; at++) {
    const [before, letter = '', after] = [word.slice(0, at), word[at], word.slice(at + 1)]
    yield before + after
    yield before + letter + letter + after
    yield before + after.slice(0, 1) + letter + after.slice(1)
  }
}

/**
 * A text as plain lower-case words for the lexical index, in order, with repeats. Dotted, slashed, snake_case and
 * camelCase names are given both whole and taken apart ("NoRouteToHostException" also as "no route to host exception"),
 * since people type either. Stemming is PostgreSQL's business.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const [token] of text.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const parts = token.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[^\p{L}\p{N}_]+|\p{Lo}+/gu)
    words.push(token.toLowerCase())
    if (parts && parts.length > 1) for (const part of parts) words.push(part.toLowerCase())
  }
  return words
}

/** Words that glue a question together; in a search they only cost. "no", "not", "out", "down" and the like stay. */
const glue = new Set(
  'a an the is are was were be been did do does has have had there any some i we you it its they this that these those in at to for and or with from by as on our my me what which who when where why how'.split(
    ' ',
  ),
)

/** The words of a question that a lexical search weighs, each once. */
export function searchWords(text: string): string[] {
  return [...new Set(wordsOf(text))].filter((word) => !glue.has(word))
}

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

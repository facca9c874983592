/** A line of the log is shown up to here. */
const maxShown = 300

/** A log line as a quotation: on one line, without control characters, cut at a word after about 300 characters. */
export function quoteLine(text: string): string {
  return `“${cutAtWord(flatten(text), maxShown)}”`
}

/** Line breaks and control characters as single blanks, so that no line can look like two. */
export function flatten(text: string): string {
  return text
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('”', '"')
    .trim()
}

/** The text, or its beginning up to a word's end with an ellipsis. */
export function cutAtWord(text: string, max: number): string {
  if (text.length <= max) return text
  const head = text.slice(0, max)
  const space = head.lastIndexOf(' ')
  const cut = space > max * 0.7 ? head.slice(0, space) : head
  // Not in the middle of a surrogate pair.
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`
}

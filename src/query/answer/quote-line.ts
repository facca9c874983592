/** A line of the log is shown up to here. */
const maxShown = 300

/**
 * A log line as a quotation: on one line, without control characters, cut at a word after about 300 characters. Of a
 * stack trace its first line and the lines that name what was thrown, not its frames.
 */
export function quoteLine(text: string): string {
  return `“${cutAtWord(flatten(withoutFrames(text)), maxShown)}”`
}

const thrown =
  /^(?:Caused by: |Suppressed: )?(?:[A-Za-z_$][\w$]{0,63}\.){0,12}[A-Z_a-z][\w$]{0,100}(?:Error|Exception|Throwable|Failure|Timeout|Interrupt)(?::|$)|^(?:panic: |fatal error: )/

/** At most this many lines that name what was thrown; between lines that are left out stands an ellipsis. */
const maxThrown = 4

function withoutFrames(text: string): string {
  if (!text.includes('\n')) return text
  const [head = '', ...rest] = text.split('\n', 1_001)
  const kept = [head]
  let isSkipping = false
  for (const line of rest) {
    if (kept.length <= maxThrown && thrown.test(line.trim())) {
      if (isSkipping) kept.push('…')
      kept.push(line)
      isSkipping = false
    } else isSkipping ||= line.trim() !== ''
  }
  if (isSkipping) kept.push('…')
  // Of a text whose other lines say nothing of an error all lines are the text.
  return kept.length > 2 || /\n\s*(?:at [^\s(]+ ?\(|File "|goroutine )/.test(text)
    ? kept.join('\n')
    : text
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

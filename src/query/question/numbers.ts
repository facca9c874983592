/** Words before a number that make it an amount, a limit or a part of one, and no name of a thing. */
const notNames =
  /^(?:top|first|last|past|previous|next|than|over|under|above|below|least|most|exactly|about|around|every|each|limit|in|within|the|of|by|for|on|and|or|a|an|all|any|many|much|these|those|only|are|is|were|was|with|between|from|at|after|before|per|times|to\s+to)$/i
const units =
  /^\s*(?:[-\s]?(?:b|k|kb|mb|gb|tb|kib|mib|gib|bytes?|ms|us|ns|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|months?|years?|times|x|percent|hz|mhz|ghz|rps|qps)\b|%|\s+of\s+\d)/i

/**
 * Numbers of one or two digits that say which one is meant, "server 2", "partition 7": too short to be searched for as
 * names, but a line that is counted holds them.
 */
export function findSmallNumbers(text: string): string[] {
  const found = new Set<string>()
  for (const match of text.matchAll(
    /(?<=([\p{L}]+)\s+[#(]?)(?<![\w.:/-])\d{1,2}(?![\w:/-]|\.\d)/gu,
  )) {
    const after = text.slice(match.index + match[0].length, match.index + match[0].length + 16)
    if (notNames.test(match[1] ?? '') || units.test(after)) continue
    found.add(match[0])
  }
  return [...found]
}

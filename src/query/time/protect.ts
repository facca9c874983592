/** Stands for a character that belongs to something else: neither a word character nor a space. */
export const blank = '\u0001'

const clock = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:am|pm|z|[+-]\d{2}:?\d{2})?`
const clockOrHour = String.raw`(?:${clock}|\d{1,2}(?:am|pm))`
const date = String.raw`\d{4}[-/]\d{1,2}[-/]\d{1,2}`

/** The shapes in which a token with digits may be a time, or a part of one; everything else names something. */
const timeShapes = new RegExp(
  `^(?:${[
    clockOrHour,
    `${clockOrHour}(?:-|–|\\.\\.)${clockOrHour}`,
    `${date}(?:t${clock})?`,
    String.raw`\d{4}-\d{2}`,
    String.raw`\d{1,2}[/.]\d{1,2}[/.]\d{4}`,
    String.raw`\d{1,4}`,
    String.raw`\d{1,3}\.\d{1,2}`,
    String.raw`\d{1,2}(?:st|nd|rd|th)`,
    String.raw`\d{1,4}(?:\.\d{1,2})?(?:s|sec|secs|m|min|mins|h|hr|hrs|d|w)`,
    String.raw`\d{1,2}-\d{1,2}`,
  ].join('|')})$`,
  'i',
)

/** Words after which a number, or two with a colon between, is a place or a code and not a time. */
const namesNumber =
  /\b(?:line|lines|port|ports|column|pid|version|release|ratio|code|status|error|id|myid|http|exit|uid|#)\s*[:=#]?\s*$/i

/**
 * The question with everything blanked in which a time must not be looked for, of the same length: quoted strings,
 * addresses, ids, versions, ports, file names, paths.
 */
export function protectIdentifiers(question: string): string {
  let text = blankMatches(
    question,
    /"[^"]*"|`[^`]*`|“[^”]*”|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu,
  )
  text = text.replace(/\S+/g, (token, at: number) => {
    if (/^[ap]\.m\b/i.test(token)) return token
    if (!/\d/.test(token)) return /[_/\\@=]|\w[.:]\w/.test(token) ? blanks(token) : token
    const core = coreOf(token)
    const word = token.slice(core.start, core.end)
    const named = namesNumber.test(text.slice(Math.max(0, at - 24), at + core.start))
    if (timeShapes.test(word) && !(named && /^\d+(?::\d+)?$/.test(word))) return token
    return blanks(token)
  })
  return text
}

/** Where a token's punctuation ends and begins: "(14:32)?" is 14:32. */
function coreOf(token: string): { start: number; end: number } {
  const start = /^[([{<~,;@]*/.exec(token)?.[0].length ?? 0
  let end = token.length
  while (end > start && /[)\]}>,;:.?!'"]/.test(token[end - 1] ?? '')) end--
  return { start, end }
}

/** The text with every match blanked. */
export function blankMatches(text: string, pattern: RegExp): string {
  return text.replace(pattern, (match) => blanks(match))
}

function blanks(text: string): string {
  return blank.repeat(text.length)
}

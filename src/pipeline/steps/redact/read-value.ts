const longestValue = 8_192

export interface Value {
  start: number
  end: number
  quoted: boolean
}

const quotes = new Set([34, 39, 96])

/** The value at `start`: to the closing quote, or to what ends a bare one. `known`: the last bare value read. */
export function readValue(text: string, start: number, known?: Value): Value {
  let from = start
  while (from - start < 16 && text.charCodeAt(from) === 92) from += 1
  const quote = text.charCodeAt(from)
  if (quotes.has(quote)) return readQuoted(text, from + 1, quote, from - start)
  // A value inside the last one that was read ends where that did: no text is read twice.
  if (known && !known.quoted && start > known.start && start < known.end)
    return { start, end: known.end, quoted: false }
  return readBare(text, start)
}

/** To the quote that has as many backslashes before it as the opening one, or fewer; not over the line's end. */
function readQuoted(text: string, start: number, quote: number, depth: number): Value {
  const limit = Math.min(text.length, start + longestValue)
  let slashes = 0
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 92) {
      slashes += 1
      continue
    }
    if (code === 10) return { start, end: at, quoted: true }
    if (code === quote && (depth === 0 ? slashes % 2 === 0 : slashes <= depth)) {
      const doubled = quote === 39 && depth === 0 && at > start && text.charCodeAt(at + 1) === 39
      if (!doubled) return { start, end: depth === 0 ? at : at - slashes, quoted: true }
      at += 1
    }
    slashes = 0
  }
  return { start, end: limit, quoted: true }
}

/** What may follow a sign that ends a bare value; before anything else it is a part of it. */
const endsAfterBracket = /[)\]}]{0,8}(?:$|[\s,;:."'&<>)\]}|])/y
const endsAfterSeparator =
  /(?:$|\s|["'\\]{0,8}[A-Za-z_][\w .-]{0,64}["'\\]{0,8}\s?[=:]|(?:amp|quot|lt|gt|#\d{2}|apos);|[,;&"'})\]])/y

function readBare(text: string, start: number): Value {
  const limit = Math.min(text.length, start + longestValue)
  let at = start
  if (text.charCodeAt(start) === 60) {
    const hole = /^<[^<>\s]{0,64}>/.exec(text.slice(start, start + 66))
    return { start, end: start + (hole?.[0].length ?? 0), quoted: false }
  }
  for (; at < limit; at += 1) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 96) break
    if (code === 92 && endsAtEscape(text, at)) break
    if ((code === 41 || code === 93 || code === 125) && matches(endsAfterBracket, text, at + 1))
      break
    if ((code === 38 || code === 59 || code === 44) && matches(endsAfterSeparator, text, at + 1))
      break
  }
  let end = at
  while (end > start && (text[end - 1] === ',' || text[end - 1] === '.')) end -= 1
  return { start, end, quoted: false }
}

/** `\"`, `\\`, `\n`, `\r` and `\u00..` end a value in an escaped text. */
function endsAtEscape(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1)
  return (
    next === 34 ||
    next === 39 ||
    next === 92 ||
    next === 110 ||
    next === 114 ||
    text.startsWith('u00', at + 1)
  )
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}

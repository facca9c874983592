import { setField } from './draft.ts'

const maxPairs = 256

/**
 * The pairs of a line that is logfmt from end to end (`level=info msg="a b" key=value flag`), null
 * when it is not: another form of word, fewer than two pairs, or more bare words than pairs.
 */
export function readLogfmt(text: string): Record<string, unknown> | null {
  const fields: Record<string, unknown> = {}
  let pairs = 0
  let bare = 0
  let at = 0
  while (at < text.length) {
    if (text.charCodeAt(at) <= 32) {
      at += 1
      continue
    }
    const keyEnd = skipKey(text, at)
    if (keyEnd === at) return null
    const key = text.slice(at, keyEnd)
    if (text.charCodeAt(keyEnd) !== 61) {
      if (keyEnd < text.length && text.charCodeAt(keyEnd) > 32) return null
      bare += 1
      if (bare > 8) return null
      setField(fields, key, true)
      at = keyEnd
      continue
    }
    const quoted = text.charCodeAt(keyEnd + 1) === 34
    const end = quoted ? quoteEnd(text, keyEnd + 1) : wordEnd(text, keyEnd + 1)
    if (end < 0) return null
    setField(
      fields,
      key,
      quoted ? unquote(text.slice(keyEnd + 2, end - 1)) : text.slice(keyEnd + 1, end),
    )
    pairs += 1
    if (pairs > maxPairs) return null
    at = end
  }
  return pairs >= 2 && bare < pairs ? fields : null
}

/** True when the text can be logfmt: its first word is a key and its equals sign. */
export function looksLikeLogfmt(text: string): boolean {
  const end = skipKey(text, 0)
  return end > 0 && end < 64 && text.charCodeAt(end) === 61
}

function skipKey(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
    const later = (code >= 45 && code <= 57) || code === 64 || code === 58
    if (!letter && !(later && (at > start || code === 64))) break
    at += 1
  }
  return at
}

function wordEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && text.charCodeAt(at) > 32) at += 1
  return at
}

/** Behind the closing quote, which white space or the end must follow; -1 otherwise. */
function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 34) return at + 1 === text.length || text.charCodeAt(at + 1) <= 32 ? at + 1 : -1
    if (code === 92) at += 1
  }
  return -1
}

function unquote(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(.)/gs, (_, escaped: string) =>
    escaped === 'n' ? '\n' : escaped === 't' ? '\t' : escaped === 'r' ? '\r' : escaped,
  )
}

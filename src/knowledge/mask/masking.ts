import { isSpace } from './character.ts'
import { wildcard } from './mask-part.ts'

/** One body while it is being masked. */
export interface Masking {
  text: string
  /** Where the text ends for us. */
  length: number
  terms: Set<string>
  shape: string
  /** Where the shape's last token starts, and the core that it has if it is variable. */
  lastStart: number
  lastCore: string
  /** The last two words as they were written, without punctuation. */
  previous: string
  beforePrevious: string
  /** The key whose value comes next, where a token ended in its `=`; else empty. */
  key: string
}

/** Keeps a token's word for those that come after it. */
export function remember(masking: Masking, word: string): void {
  masking.beforePrevious = masking.previous
  masking.previous = word
  masking.key = ''
}

/** The token that follows, without the comma or colon behind it. */
export function nextToken(masking: Masking, from: number): string {
  const { text, length } = masking
  let start = from
  while (start < length && isSpace(text.charCodeAt(start))) start += 1
  let end = start
  while (end < length && end < start + 32 && !isSpace(text.charCodeAt(end))) end += 1
  return text.slice(start, end).replace(/[,:;.]+$/, '')
}

/** Appends a token; one that only goes on with a list of its predecessor's kind takes its place. */
export function append(masking: Masking, token: string, core: string): void {
  if (core !== '' && core === masking.lastCore && token.startsWith(core)) {
    const last = masking.shape.slice(masking.lastStart)
    const coreEnd = last.indexOf(core) + core.length
    if (coreEnd === last.length || (coreEnd === last.length - 1 && last.endsWith(','))) {
      const kept = masking.shape.slice(0, masking.lastStart + coreEnd)
      masking.shape = kept + token.slice(core.length)
      return
    }
  }
  masking.lastStart = masking.shape === '' ? 0 : masking.shape.length + 1
  masking.shape = masking.shape === '' ? token : `${masking.shape} ${token}`
  masking.lastCore = core
}

/** A token without the brackets, quotes and commas around it. */
export function coreOf(token: string): string {
  if (token === wildcard) return token
  let start = 0
  let end = token.length
  while (start < end && opening.includes(token[start] ?? '')) start += 1
  while (end > start && closing.includes(token[end - 1] ?? '')) end -= 1
  return token.slice(start, end)
}

const opening = '([{"\''
const closing = ',;:.)]}"\''

import { digit, kindOf, letter } from './character.ts'

export const termLimits = {
  /** Terms of one body; those that come first are kept. */
  count: 64,
  /** UTF-16 units of one term; a longer token is known by its start. */
  length: 128,
} as const satisfies Record<string, number>

const shortest = 3

/**
 * Adds what one part of a token is found by: the part itself without the punctuation around it,
 * and, of an address or a path, its pieces (host, port, file). Lower case. Numbers of one or two
 * digits and decimals are no terms.
 */
export function addTerms(terms: Set<string>, part: string): void {
  const whole = trimJoiners(part)
  add(terms, whole)
  let pieceStart = 0
  let dots = 0
  let lastDot = -1
  let parted = false
  for (let at = 0; at <= whole.length; at += 1) {
    const code = at === whole.length ? 47 : whole.charCodeAt(at)
    if (code === 46) {
      dots += 1
      lastDot = at
    }
    if (code !== 47 && code !== 58 && code !== 64 && code !== 92) continue
    parted ||= at < whole.length
    if (at - pieceStart >= shortest && at - pieceStart < whole.length) {
      add(terms, trimJoiners(whole.slice(pieceStart, at)))
    }
    pieceStart = at + 1
  }
  if (
    dots >= 2 &&
    !parted &&
    whole.length - lastDot > 4 &&
    kindOf(whole.charCodeAt(lastDot + 1)) === letter
  ) {
    add(terms, whole.slice(lastDot + 1))
  }
}

/** Adds one term as it is, if it can be one. */
export function add(terms: Set<string>, text: string): void {
  if (text.length < 2 || terms.size >= termLimits.count) return
  if (kindOf(text.charCodeAt(text.length - 1)) === digit && isSmallNumber(text)) return
  const term = text.length > termLimits.length ? text.slice(0, termLimits.length) : text
  terms.add(term.toLowerCase())
}

/** A number that names nothing: one or two digits, or a decimal. */
function isSmallNumber(text: string): boolean {
  if (text.length >= shortest && !text.includes('.')) return false
  let dots = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 46) dots += 1
    else if (kindOf(code) !== digit) return false
  }
  return dots === 1 || (dots === 0 && text.length < shortest)
}

/** Without joiners around it; a path keeps the slash that makes it absolute. */
export function trimJoiners(text: string): string {
  let start = 0
  let end = text.length
  while (end > 0 && (kindOf(text.charCodeAt(end - 1)) & (letter | digit)) === 0) end -= 1
  while (start < end && (kindOf(text.charCodeAt(start)) & (letter | digit)) === 0) start += 1
  if (start > 0 && start < end && text.charCodeAt(start - 1) === 47 && isPath(text, start))
    start -= 1
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** `/var`, `/a/1`, but not `/10.0.0.1:80`, whose slash only parts it from a host name. */
function isPath(text: string, start: number): boolean {
  return kindOf(text.charCodeAt(start)) === letter || text.indexOf('/', start) > 0
}

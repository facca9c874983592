import { divider, isSpace, kindOf } from './character.ts'
import { addTerms, termLimits } from './terms.ts'

/** A part of a body, from its start to behind its end. */
export interface Span {
  start: number
  end: number
}

/** Further lines of a body that its shape has, and UTF-16 units of each. */
const mostSaid = 8
const mostPlain = 4
const longestSaid = 1_024
/** Lines that are left out of the shape whose names are terms. */
const mostLeftOut = 64

const throwable = /(?:Exception|Error|Fault|Panic|Warning|Interrupt|Exit|Failure|Timeout)$/
const announced = /(?:Caused by|Suppressed|panic|fatal error|\[cause\]|--->)[: ]/y
const frame = /(?:at |File "|\.\.\. \d+ |goroutine \d+ |from \S+:\d+|Traceback \(|\d+: |#\d+ )/y
/** Words of frames that are in all of them. */
const glue: ReadonlySet<string> = new Set(
  'file line traceback most recent call last more goroutine running from native method unknown source'.split(
    ' ',
  ),
)

/**
 * Which of a body's lines behind its first say what happened: those of a stack trace that name an
 * exception, with its message; and the first few when there is no trace at all. `leftOut` are the
 * others, frames above all: they say where, and change with every release.
 */
export function sortLines(text: string, from: number, length: number) {
  const said: Span[] = []
  const others: Span[] = []
  let traced = false
  for (let at = from; at < length; ) {
    const found = text.indexOf('\n', at)
    const lineEnd = found < 0 || found > length ? length : found
    let start = at
    while (start < lineEnd && isSpace(text.charCodeAt(start))) start += 1
    const span = { start, end: Math.min(lineEnd, start + longestSaid) }
    const indented = start > at
    if (start < lineEnd && said.length < mostSaid && isSaid(text, span, indented, traced)) {
      said.push(span)
      traced = true
    } else if (start < lineEnd && others.length < mostLeftOut) {
      others.push(span)
      traced ||= isFrame(text, start)
    }
    at = lineEnd + 1
  }
  return traced
    ? { said, leftOut: others }
    : { said: others.slice(0, mostPlain), leftOut: others.slice(mostPlain) }
}

/** Adds the names of a line that is in no shape, as long as there is room for half of all terms. */
export function addNames(terms: Set<string>, text: string, { start, end }: Span, most: number) {
  let nameStart = start
  for (let at = start; at <= end && terms.size < most; at += 1) {
    const code = at === end ? 32 : text.charCodeAt(at)
    if (!isSpace(code) && kindOf(code) !== divider) continue
    const name = text.slice(nameStart, at)
    if (name.length > 2 && !glue.has(name.toLowerCase())) addTerms(terms, name)
    nameStart = at + 1
  }
}

/** Terms up to which names of lines in no shape are added to `terms`. */
export function roomForNames(terms: ReadonlySet<string>): number {
  return Math.min(termLimits.count, terms.size + termLimits.count / 2)
}

function isFrame(text: string, start: number): boolean {
  frame.lastIndex = start
  return frame.test(text)
}

function isSaid(text: string, { start, end }: Span, indented: boolean, traced: boolean): boolean {
  announced.lastIndex = start
  if (announced.test(text)) return true
  if (indented) return false
  let at = start
  while (at < end && at < start + 128 && isNameCode(text.charCodeAt(at))) at += 1
  if (at === start) return false
  const colon = text.charCodeAt(at) === 58
  if (!colon && at < end) return false
  const whole = text.slice(start, at)
  const name = whole.slice(whole.lastIndexOf('.') + 1)
  return throwable.test(name) || (colon && traced && /^[A-Z]/.test(name))
}

/** Letters, digits, `.`, `_` and `$`. */
function isNameCode(code: number): boolean {
  return (kindOf(code) & 3) !== 0 || code === 46 || code === 95 || code === 36
}

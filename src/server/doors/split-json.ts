import { MillraceError } from '../../base/errors.ts'
import { tooManyRecords } from './split-lines.ts'

/** One record of a JSON body: its own bytes, and what they say. */
export interface JsonRecord {
  data: Buffer
  value: unknown
}

/**
 * Cuts a body of JSON into records: the elements of an array, or an object, or several of these one after the other
 * (Fluent Bit's json_stream and gelf). A record keeps its bytes as they were sent, so numbers keep all their digits.
 * Fails with `invalid_argument` when anything in the body is not JSON, `limit_exceeded` beyond `maxRecords`.
 *
 * A scan that knows strings and brackets finds where a record ends; JSON.parse says whether it is one.
 */
export function splitJson(body: Buffer, maxRecords: number): JsonRecord[] {
  const records: JsonRecord[] = []
  const take = (start: number): number => {
    const end = endOfValue(body, start)
    if (records.length === maxRecords) throw tooManyRecords(maxRecords)
    records.push({ data: body.subarray(start, end), value: parse(body, start, end) })
    return skipBlanks(body, end)
  }
  let at = skipBlanks(body, startsWithMark(body) ? 3 : 0)
  if (at === body.length) throw broken(at, 'a JSON object or array', body)
  while (at < body.length) {
    if (body[at] === char.openBrace) at = take(at)
    else if (body[at] === char.openBracket) at = takeElements(body, at, take)
    else throw broken(at, 'a JSON object or array', body)
  }
  return records
}

const char = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

const blanks: ReadonlySet<number> = new Set([
  char.tab,
  char.lineFeed,
  char.carriageReturn,
  char.space,
])

/** Takes what stands between the brackets; returns the place after them. */
function takeElements(body: Buffer, open: number, take: (start: number) => number): number {
  let at = skipBlanks(body, open + 1)
  if (body[at] === char.closeBracket) return skipBlanks(body, at + 1)
  for (;;) {
    at = take(at)
    if (body[at] === char.closeBracket) return skipBlanks(body, at + 1)
    if (body[at] !== char.comma) throw broken(at, '"," or "]"', body)
    at = skipBlanks(body, at + 1)
  }
}

/** The place after the value that starts here, if there is one. */
function endOfValue(body: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < body.length; at += 1) {
    switch (body[at]) {
      case char.quote:
        at = endOfString(body, at)
        if (depth === 0) return at + 1
        break
      case char.openBrace:
      case char.openBracket:
        depth += 1
        break
      case char.closeBrace:
      case char.closeBracket:
        depth -= 1
        if (depth < 0) return at
        if (depth === 0) return at + 1
        break
      case char.comma:
      case char.space:
      case char.tab:
      case char.lineFeed:
      case char.carriageReturn:
        if (depth === 0) return at
        break
    }
  }
  return body.length
}

/** The place of the quote that ends the string which starts here. */
function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; at < body.length; at += 1) {
    if (body[at] === char.backslash) at += 1
    else if (body[at] === char.quote) return at
  }
  return body.length
}

function parse(body: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(body.toString('utf8', start, end))
  } catch {
    // The parser's own message quotes the record.
    throw broken(start, 'a JSON value', body)
  }
}

function skipBlanks(body: Buffer, from: number): number {
  let at = from
  while (at < body.length && blanks.has(body[at] ?? 0)) at += 1
  return at
}

function startsWithMark(body: Buffer): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
}

function broken(at: number, expected: string, body: Buffer): MillraceError {
  const found = at >= body.length ? 'the end of the body' : 'something else'
  return new MillraceError(
    'invalid_argument',
    `expected ${expected} at byte ${at} of the body, got ${found}; nothing was stored`,
  )
}

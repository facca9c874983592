import { severityOfWord } from '../../../knowledge/severity.ts'
import { setField } from './draft.ts'

/** What stands between a line's time and its message. */
export interface Header {
  severity: number
  /** Where the message starts. */
  end: number
  /** `pid`, `thread`, `logger`, `context`, ...: whatever was there, under its name. */
  fields: Record<string, unknown>
}

const longestGroup = 256
const longestWord = 128
/** A Rust module. */
const modules = /^[a-z_]\w*(?:::\w+)+$/
const dotted = /^[A-Za-z_$][\w$-]*(?:\.[\w$-]+)+$/
const camel = /^[A-Z][a-z0-9]+[A-Z][\w$]*$/
/** Lines that Postgres writes below an error: they have its header and no level of their own. */
const postgresDetail = /^(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):$/
/** Parts that only a header has: a request's id, `main.go:12:`, `{task.py:12}`, `key=value`. */
const requestId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const sourceLine = /^(?:[\w./-]{1,120}\.\w{1,8}:\d{1,7}:|\{[\w./-]{1,120}:\d{1,7}\})$/
const columnLevel = /^ \| (?:TRACE|DEBUG|INFO|WARN|ERROR|CRITICAL) \| /
const keyValue = /^[A-Za-z_]\w{0,31}=\S*$/
const located = /^[\w.$]+:[\w<>.$]+:\d+$/

/**
 * Reads a header with a level in it from `start`: `25746 INFO nova.api [req-1 - -] `,
 * ` - WARN  [main:Foo@12] - `, ` [core:error] [pid 7:tid 8] `, ` | INFO | app:run:12 - `.
 * Null when no level stands within its first five parts, or when prose stands before it.
 */
export function readHeader(text: string, start: number): Header | null {
  const fields: Record<string, unknown> = {}
  let at = skipSeparators(text, start)
  for (let parts = 0; parts < 5; parts += 1) {
    if (text[at] === '[' || text[at] === '(') {
      const end = groupEnd(text, at)
      if (end < 0) return null
      const content = text.slice(at + 1, end - 1)
      const severity = severityOfGroup(content)
      if (severity !== 0) return afterLevel(text, end, severity, true, fields)
      setGroup(fields, content)
      at = skipSeparators(text, end)
      continue
    }
    const end = wordEnd(text, at)
    if (end === at || end - at > longestWord) return null
    const word = text.slice(at, end)
    const severity = severityOfLevel(text, at, end) || severityOfChannel(word, fields)
    // `TRACE | WARN | x`: a program of that name, and its level.
    const isName = severity !== 0 && columnLevel.test(text.slice(end, end + 32))
    if (severity !== 0 && !isName) return afterLevel(text, end, severity, false, fields)
    if (fields.pid !== undefined && postgresDetail.test(word))
      return { severity: 9, end: at, fields }
    if (!setBefore(fields, word, text, end)) return null
    at = skipSeparators(text, end)
  }
  return null
}

/** Reads what a level is followed by: `[thread]`, `7 --- `, `12#12:`, a logger and its context. */
export function afterLevel(
  text: string,
  start: number,
  severity: number,
  bracketed: boolean,
  fields: Record<string, unknown>,
): Header {
  let at = skipSeparators(text, start)
  for (let parts = 0; parts < 4; parts += 1) {
    const first = text[at]
    if (first === '[') {
      const end = groupEnd(text, at)
      const content = end < 0 ? '' : text.slice(at + 1, end - 1)
      const isLogger = bracketed && fields.logger === undefined && dotted.test(content.trim())
      const header = !bracketed || isLogger || content.startsWith('pid ')
      const next = end < 0 ? at : skipSeparators(text, end)
      if (end < 0 || !header || next >= text.length) break
      if (isLogger) fields.logger = content.trim()
      else setGroup(fields, content)
      at = next
      continue
    }
    const end = wordEnd(text, at)
    const word = text.slice(at, Math.min(end, at + longestWord))
    if (isDigits(word) && text.startsWith(' --- ', end)) {
      fields.pid = Number(word)
      at = skipSeparators(text, end)
    } else if (requestId.test(word) && (text[end] === '\t' || text[end] === ' ')) {
      fields.requestId = word
      at = skipSeparators(text, end)
    } else if (/^\d{1,10}#\d{1,10}:$/.test(word)) {
      fields.pid = Number.parseInt(word, 10)
      return { severity, end: skipSpaces(text, end), fields }
    } else {
      return { severity, end: readLogger(text, at, end, word, fields), fields }
    }
  }
  return { severity, end: at, fields }
}

/**
 * Takes the logger's name and the one context group behind it; answers where the message starts.
 */
function readLogger(
  text: string,
  start: number,
  end: number,
  word: string,
  fields: Record<string, unknown>,
): number {
  const colon = word.endsWith(':')
  const name = colon ? word.slice(0, -1) : word
  if (!(dotted.test(name) || modules.test(name) || camel.test(name) || located.test(name)))
    return start
  const next = skipSpaces(text, end)
  if (next >= text.length) return start
  const joint = text[next]
  const separated = (joint === '-' || joint === ':' || joint === '|') && text[next + 1] === ' '
  if (colon || separated) {
    fields.logger = name
    return separated && !colon ? skipSpaces(text, next + 1) : next
  }
  if (joint !== '[') return start
  const close = groupEnd(text, next)
  if (close < 0 || skipSpaces(text, close) >= text.length) return start
  fields.logger = name
  const content = text.slice(next + 1, close - 1)
  const context = contextOf(content)
  if (context.length === 0) return skipSpaces(text, close)
  fields.context = context
  const behind = skipSpaces(text, close)
  return text[behind] === ':' ? skipSpaces(text, behind + 1) : behind
}

/** A part before the level is a header's only if it cannot be prose. */
function setBefore(
  fields: Record<string, unknown>,
  word: string,
  text: string,
  end: number,
): boolean {
  if (isDigits(word)) {
    if (fields.pid === undefined) fields.pid = Number(word)
    else fields.tid = Number(word)
    return true
  }
  const next = text[end + 1]
  const separated =
    text[end] === ' ' && (next === '-' || next === '|') && text.charCodeAt(end + 2) === 32
  const name = word.endsWith(':') ? word.slice(0, -1) : word
  if (separated || dotted.test(name)) {
    fields.logger = name
    return true
  }
  if (requestId.test(word)) {
    fields.requestId = word
    return true
  }
  if (sourceLine.test(word)) {
    fields.source = word.replace(/^\{|[:}]$/g, '')
    return true
  }
  if (keyValue.test(word)) {
    for (const pair of word.split(',')) {
      const equals = pair.indexOf('=')
      if (equals > 0) setField(fields, pair.slice(0, equals), pair.slice(equals + 1))
    }
    return true
  }
  if (word.includes('@')) {
    fields.session = word
    return true
  }
  return false
}

function setGroup(fields: Record<string, unknown>, content: string): void {
  const pid = /^(?:pid )?(\d{1,10})(?::tid (\d{1,20}))?$/.exec(content)
  if (pid !== null) {
    fields.pid = Number(pid[1])
    if (pid[2] !== undefined) fields.tid = pid[2]
    return
  }
  const name = content.trim()
  if (name === '') return
  if (fields.thread === undefined) fields.thread = name
  else fields.context = contextOf(name)
}

/** A context's words one by one, as ids are looked for; `-` says that one is missing. */
function contextOf(content: string): string | string[] {
  if (!content.includes(' ')) return content
  return content.split(' ').filter((word) => word !== '' && word !== '-')
}

/** `[error]`, `[core:error]`, `[ WARN ]`. */
function severityOfGroup(content: string): number {
  if (content.length > 40) return 0
  const name = content
    .slice(Math.max(content.lastIndexOf(':'), content.lastIndexOf('/')) + 1)
    .trim()
  return severityOfWord(name) || (/^(?:note|system)$/i.test(name) ? 9 : 0)
}

/**
 * A bare word is a level when it is in capitals, or when what follows it sets it apart from prose:
 * a colon, a tab, two spaces, ` - ` or ` | `.
 */
function severityOfLevel(text: string, start: number, end: number): number {
  let last = end
  while (last > start && (text[last - 1] === ':' || text[last - 1] === ',')) last -= 1
  if (last - start > 16) return 0
  const word = text.slice(start, last)
  const severity = severityOfWord(word)
  if (severity === 0) return 0
  if (word === word.toUpperCase())
    return severity === 9 && word === 'LOG' && last === end ? 0 : severity
  const code = text.charCodeAt(last)
  if (code === 58 || code === 9) return severity
  const next = text[last + 1]
  return code === 32 && (next === ' ' || next === '|' || (next === '-' && text[last + 2] === ' '))
    ? severity
    : 0
}

/** `local.ERROR:`: a channel and its level, as Monolog writes them. */
function severityOfChannel(word: string, fields: Record<string, unknown>): number {
  const dot = word.lastIndexOf('.')
  if (dot <= 0 || !word.endsWith(':')) return 0
  const level = word.slice(dot + 1, -1)
  const severity = level === level.toUpperCase() ? severityOfWord(level) : 0
  if (severity !== 0) fields.logger = word.slice(0, dot)
  return severity
}

/** The index behind the bracket that closes the group at `start`; -1 when it is too far. */
export function groupEnd(text: string, start: number): number {
  const open = text.charCodeAt(start)
  const close = open === 91 ? 93 : 41
  const limit = Math.min(text.length, start + longestGroup)
  let depth = 0
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at)
    if (code === open) depth += 1
    else if (code === close) {
      depth -= 1
      if (depth === 0) return at + 1
    } else if (code === 10) return -1
  }
  return -1
}

/** Past spaces, and past `-`, `--`, `---`, `|`, `:` and `,` that stand alone. */
export function skipSeparators(text: string, start: number): number {
  let at = start
  if (text[at] === ',' || text[at] === ':' || text[at] === '|') at += 1
  for (;;) {
    at = skipSpaces(text, at)
    let end = at
    while (end - at < 3 && (text[end] === '-' || text[end] === '|' || text[end] === ':')) end += 1
    if (end === at || !(text.charCodeAt(end) <= 32)) return at
    at = end
  }
}

/** Past spaces and tabs. */
export function skipSpaces(text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at += 1
  return at
}

/** The end of the word at `start`: white space, or a bracket that touches it. */
function wordEnd(text: string, start: number): number {
  let at = start
  const limit = Math.min(text.length, start + longestWord + 1)
  while (at < limit) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === 91) break
    at += 1
  }
  return at
}

function isDigits(word: string): boolean {
  if (word.length === 0 || word.length > 12) return false
  for (let at = 0; at < word.length; at += 1) {
    const code = word.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return true
}

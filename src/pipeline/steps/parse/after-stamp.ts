import { severityOfLetter, severityOfWord } from '../../../knowledge/severity.ts'
import { type Draft, setField } from './draft.ts'
import { severityOfStatus } from './guess-severity.ts'

const piped = /\|([A-Za-z]{4,8})\|([^|\n]{0,200})\|/y
const letterMark = /[ \t]{1,4}([DIWEFNTC])(?:! | \| )/y
const mongo = /[ \t]([DIWEF])(\d?) {1,8}([A-Z_-]{1,16}) {1,8}\[([^\]\n]{1,64})\] /y
const request = /[ \t]"([A-Z]{3,10}) (\S{1,2048}) HTTP\/[\d.]{1,4}" (\d{3})(?= |$)/y
const tabbed = /\t([A-Za-z]{4,8})\t(?:([\w./-]{1,128})\t)?([\w./-]{1,256}\.\w{1,8}:\d{1,7})\t/y
const inBrackets =
  /(?: #(\d{1,10})\] {1,4}([A-Z]{3,7}) -- ([^:\n]{0,100}): ?| {1,4}([A-Z]{3,8})(?: {1,4}([\w:.-]{1,200}))?\] ?)/y

/**
 * Reads what some programs write right behind a line's time, where no level stands as a word of its own: `|INFO|logger|`
 * (NLog), `I | ` (capnslog), `E! ` (Telegraf), `I NETWORK  [conn7] ` (MongoDB), `"GET /x HTTP/1.1" 503` (Envoy, Django),
 * `\tINFO\tlogger\tfile.go:12\t` (zap), `,"user","db",77,...` (PostgreSQL's CSV).
 */
export function readAfterStamp(draft: Draft, text: string, end: number): boolean {
  switch (text.charCodeAt(end)) {
    case 124: // |
      return readPiped(draft, text, end)
    case 44: // ,
      return text.charCodeAt(end + 1) === 34 && readPostgresCsv(draft, text, end + 1)
    case 9:
      return readTabbed(draft, text, end) || readLetter(draft, text, end)
    case 32:
      return (
        readLetter(draft, text, end) ||
        (text.charCodeAt(end + 1) === 34 && readRequest(draft, text, end))
      )
    default:
      return false
  }
}

/** `[2026-01-02T03:04:05Z INFO  app::server] x` (env_logger), `[03:04:05 INF] x` (Serilog), `[2026-01-02T03:04:05.1 #77]  WARN -- name: x` (Unicorn). */
export function readStampGroup(draft: Draft, text: string, end: number): boolean {
  inBrackets.lastIndex = end
  const match = inBrackets.exec(text)
  if (match === null) return false
  const [prefix, pid, level, name, word, target] = match
  const severity = severityOfWord(level ?? word ?? '')
  if (severity === 0) return false
  draft.severity = severity
  if (pid !== undefined) draft.attributes.pid = Number(pid)
  const logger = (name ?? target ?? '').trim()
  if (logger !== '') draft.attributes.logger = logger
  draft.body = text.slice(end + prefix.length)
  return true
}

function readPiped(draft: Draft, text: string, end: number): boolean {
  piped.lastIndex = end
  const match = piped.exec(text)
  const severity = severityOfWord(match?.[1] ?? '')
  if (match === null || severity === 0) return false
  draft.severity = severity
  if (match[2] !== '') draft.attributes.logger = match[2]
  draft.body = text.slice(piped.lastIndex)
  return true
}

function readLetter(draft: Draft, text: string, end: number): boolean {
  letterMark.lastIndex = end
  const mark = letterMark.exec(text)
  if (mark !== null) {
    draft.severity = mark[1] === 'C' ? 21 : severityOfLetter(mark[1] ?? '')
    draft.body = text.slice(letterMark.lastIndex)
    return draft.severity !== 0
  }
  mongo.lastIndex = end
  const match = mongo.exec(text)
  if (match === null) return false
  draft.severity = severityOfLetter(match[1] ?? '')
  if (match[3] !== '-') draft.attributes.logger = match[3]
  draft.attributes.thread = match[4]
  draft.body = text.slice(mongo.lastIndex)
  return true
}

function readRequest(draft: Draft, text: string, end: number): boolean {
  request.lastIndex = end
  const match = request.exec(text)
  if (match === null) return false
  const status = Number(match[3])
  draft.severity = severityOfStatus(status)
  Object.assign(draft.attributes, { method: match[1], path: match[2], status })
  draft.body = text.slice(end + 1)
  return true
}

function readTabbed(draft: Draft, text: string, end: number): boolean {
  tabbed.lastIndex = end
  const match = tabbed.exec(text)
  const severity = severityOfWord(match?.[1] ?? '')
  if (match === null || severity === 0) return false
  draft.severity = severity
  if (match[2] !== undefined) draft.attributes.logger = match[2]
  draft.attributes.caller = match[3]
  draft.body = text.slice(tabbed.lastIndex)
  return true
}

/** The places of PostgreSQL's CSV columns behind the time. */
const csv = {
  user: 0,
  database: 1,
  pid: 2,
  severity: 10,
  code: 11,
  message: 12,
  detail: 13,
} as const

function readPostgresCsv(draft: Draft, text: string, start: number): boolean {
  const columns: string[] = []
  let at = start
  while (columns.length <= csv.detail && at < text.length) {
    if (text.charCodeAt(at) === 34) {
      let value = ''
      for (;;) {
        const close = text.indexOf('"', at + 1)
        if (close < 0) return false
        value += text.slice(at + 1, close)
        at = close + 1
        if (text.charCodeAt(at) !== 34) break
        value += '"'
      }
      columns.push(value)
    } else {
      const comma = text.indexOf(',', at)
      const end = comma < 0 ? text.length : comma
      columns.push(text.slice(at, end))
      at = end
    }
    if (text.charCodeAt(at) !== 44) break
    at += 1
  }
  const severity = severityOfWord(columns[csv.severity] ?? '')
  const message = columns[csv.message]
  if (severity === 0 || message === undefined) return false
  draft.severity = severity
  for (const name of ['user', 'database', 'pid', 'code', 'detail'] as const) {
    const value = columns[csv[name]]
    if (value !== undefined && value !== '') setField(draft.attributes, name, value)
  }
  draft.body = message
  return true
}

import { severityOfWord } from '../../../knowledge/severity.ts'
import { readAfterStamp, readStampGroup } from './after-stamp.ts'
import { type Draft, mergeInner, type ReadLine, setField, setLoose } from './draft.ts'
import {
  afterLevel,
  groupEnd,
  type Header,
  readHeader,
  skipSeparators,
  skipSpaces,
} from './header.ts'
import { readSyslogMessage } from './syslog-message.ts'
import { readTimestamp, type Stamp } from './timestamp.ts'

const longestPrefix = 128

const hostAndTag = /^ [\w.-]{1,100} [A-Za-z_][\w./-]{0,63}: /

/**
 * A small level word right behind a time; it may also open the sentence, so it stays in the body.
 */
const bareLevel = /(?:debug|info|warn|warning|error|fatal)(?= )/y

/**
 * Reads a line that opens with its time, bracketed or not: log4j, Python, OpenStack, nginx and
 * Apache errors, Postgres, Spring, CRI, syslog with an ISO time, or just a time and a text.
 */
export function readStamped(
  draft: Draft,
  text: string,
  start: number,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const bracketed = text[start] === '['
  const stamp = readTimestamp(text, bracketed ? start + 1 : start, arrivedMs)
  if (stamp === null) return false
  let end = stamp.end
  if (bracketed) {
    if (text[end] === ':' && readCelery(draft, text, stamp)) return true
    if (text[end] === ' ' && readStampGroup(draft, text, end)) {
      setTime(draft, stamp)
      return true
    }
    if (text[end] !== ']') return false
    end += 1
  } else if (end < text.length && !isBoundary(text.charCodeAt(end))) {
    return false
  }
  setTime(draft, stamp)
  if (!bracketed && readContainer(draft, text, end, readLine)) return true
  if (readAfterStamp(draft, text, end)) return true
  const header = readHeader(text, end)
  if (header !== null) {
    setHeader(draft, text, header)
    return true
  }
  const joint = text[stamp.end] === ' ' && text[start + 10] === 'T'
  // rsyslog writes the zone as an offset; a word with a colon behind another is anybody's after any other time.
  const isOffset = /[+-]\d\d:\d\d/.test(text.slice(stamp.end - 6, stamp.end))
  if (joint && readSyslogMessage(draft, text, end + 1, true, readLine)) return true
  if (joint && isOffset && hostAndTag.test(text.slice(end, end + 256)))
    return readSyslogMessage(draft, text, end + 1, false, readLine)
  const body = skipSeparators(text, end)
  bareLevel.lastIndex = body
  draft.severity = severityOfWord(bareLevel.exec(text)?.[0] ?? '')
  draft.body = text.slice(body)
  return true
}

/** `[2024-01-02 03:04:05,123: INFO/MainProcess] message`: Celery's workers. */
function readCelery(draft: Draft, text: string, stamp: Stamp): boolean {
  const match = /^: ([A-Z]{4,8})\/([\w-]{1,64})\] ?/.exec(text.slice(stamp.end, stamp.end + 96))
  const severity = severityOfWord(match?.[1] ?? '')
  if (match === null || severity === 0) return false
  setTime(draft, stamp)
  draft.severity = severity
  draft.attributes.thread = match[2]
  draft.body = text.slice(stamp.end + match[0].length)
  return true
}

/**
 * Reads `INFO  [2024-01-02 03:04:05,123] app.Main: x`, `WARNING:root:x`, `ERROR [main] app.Main:
 * x`.
 */
export function readLevelFirst(draft: Draft, text: string, arrivedMs: number): boolean {
  const group = text[0] === '['
  const end = group ? groupEnd(text, 0) : levelEnd(text)
  if (end < 0 || end > 24) return false
  const word = group ? text.slice(1, end - 1).trim() : text.slice(0, end)
  if (!group && word !== word.toUpperCase()) return false
  const severity = severityOfWord(word)
  if (severity === 0) return false
  const python = /^:([\w.]{1,100}):/.exec(text.slice(end, end + 110))
  if (!group && python !== null) {
    draft.severity = severity
    setField(draft.attributes, 'logger', python[1])
    draft.body = text.slice(end + python[0].length)
    return true
  }
  const next = skipSeparators(text, end)
  const bracketed = text[next] === '['
  const stamp = readTimestamp(text, bracketed ? next + 1 : next, arrivedMs)
  if (stamp !== null && (!bracketed || text[stamp.end] === ']')) {
    setTime(draft, stamp)
    const after = bracketed ? stamp.end + 1 : stamp.end
    setHeader(draft, text, afterLevel(text, after, severity, group, {}))
    return true
  }
  const header = afterLevel(text, end, severity, group, {})
  if (header.fields.logger === undefined) return false
  setHeader(draft, text, header)
  return true
}

/**
 * Reads `nova-api.log.1 2017-05-16 00:00:00.008 ...`: a name before the time, as `tail` writes it.
 */
export function readPrefixed(
  draft: Draft,
  text: string,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  let end = 0
  while (end < longestPrefix && text.charCodeAt(end) > 32) end += 1
  const next = skipSpaces(text, end)
  if (next === end || !isDigit(text.charCodeAt(next))) return false
  if (!readStamped(draft, text, next, arrivedMs, readLine)) return false
  const prefix = text.slice(0, end)
  if (prefix !== '-') setField(draft.attributes, 'source', prefix)
  const file = /(?:^|\/)([A-Za-z][\w-]{0,63})\.log\b/.exec(prefix)
  if (file !== null) draft.service ??= file[1] ?? null
  return true
}

/** Sets what a header said; the rest of the line is the message. */
export function setHeader(draft: Draft, text: string, header: Header): void {
  draft.severity = header.severity
  setIdsOf(draft, header.fields)
  for (const key of Object.keys(header.fields)) {
    setField(draft.attributes, key, header.fields[key])
  }
  draft.body = text.slice(header.end)
}

/** Service, trace and span as tracers put them in a context: `[shop,4bf9...,00f0...]`, `dd.trace_id=7`; `[shop] [main]`. */
function setIdsOf(draft: Draft, fields: Record<string, unknown>): void {
  for (const name of ['thread', 'context'] as const) {
    const value = fields[name]
    if (typeof value === 'string') {
      const match =
        /^([\w.-]{0,128}),([0-9a-f]{16}|[0-9a-f]{32})?,([0-9a-f]{16})?(?:,\w{0,5})?$/.exec(value)
      if (match === null) continue
      if (match[1] !== '') draft.service ??= match[1] ?? null
      draft.traceId = match[2] ?? draft.traceId
      draft.spanId = match[3] ?? draft.spanId
      delete fields[name]
    } else if (Array.isArray(value)) {
      for (const word of value) {
        const match = /^dd\.(service|trace_id|span_id)=(\S{1,128})$/.exec(String(word))
        if (match === null || match[2] === '0') continue
        if (match[1] === 'service') draft.service ??= match[2] ?? null
        else if (match[1] === 'trace_id') draft.traceId = match[2] ?? null
        else draft.spanId = match[2] ?? null
      }
    }
  }
}

/** Sets the time that a line named. */
export function setTime(draft: Draft, stamp: Stamp): void {
  draft.at = stamp.ms
  draft.zoned = stamp.zoned
}

/** `... stdout F message`: how containerd writes a container's line. */
function readContainer(draft: Draft, text: string, start: number, readLine: ReadLine): boolean {
  if (!text.startsWith(' std', start)) return false
  const stream = text.slice(start + 1, start + 7)
  if (stream !== 'stdout' && stream !== 'stderr') return false
  const partial = text[start + 8] === 'P'
  if (text[start + 7] !== ' ' || !(partial || text[start + 8] === 'F')) return false
  if (text.charCodeAt(start + 9) !== 32) return false
  draft.attributes.stream = stream
  if (partial) draft.attributes.partial = true
  const line = readLine(text.slice(start + 10))
  setLoose(draft, line, stream)
  mergeInner(draft, line)
  return true
}

function levelEnd(text: string): number {
  let end = 0
  while (end < 24 && text.charCodeAt(end) >= 65 && text.charCodeAt(end) <= 90) end += 1
  return end === 0 ? -1 : end
}

function isBoundary(code: number): boolean {
  return code <= 32 || code === 44 || code === 58 || code === 124 || code === 93
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

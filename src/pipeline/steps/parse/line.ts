import { readAccess } from './access.ts'
import { readClusterLine } from './cluster-line.ts'
import { readConsole, readJul, readKitchen, readRuled } from './console-line.ts'
import { type Draft, mergeInner, newDraft, type ReadLine, setLoose } from './draft.ts'
import { readFields } from './fields.ts'
import { readJson } from './json.ts'
import { readKlog, readLogcat, readLogcatBrief, readRedis, readRuby } from './lettered.ts'
import { looksLikeLogfmt, readLogfmt } from './logfmt.ts'
import { maxBodyLength } from './safe-text.ts'
import { readLevelFirst, readPrefixed, readStamped } from './stamped.ts'
import { readPriority, readSyslog3164, readSyslog5424 } from './syslog.ts'
import { readMonth } from './timestamp-parts.ts'

/** How many lines may be wrapped in one another: syslog in CRI in JSON, and no further. */
const maxDepth = 3

/** Text that the text formats look at; beyond it a line is body, and the body ends before that. */
const maxLineLength = maxBodyLength * 2

const composed = /^([a-z0-9][\w.-]{0,100}-\d{1,4}) {0,64}\| /

/**
 * Reads one line in the first format that its opening characters admit. Every format's reader looks
 * at the text once from left to right, so the time is linear in its length. A line that no format
 * admits is its own body.
 */
export function readLine(text: string, arrivedMs: number, depth = 0): Draft {
  const draft = newDraft()
  const inner: ReadLine = (wrapped) => {
    if (depth + 1 < maxDepth) return readLine(wrapped, arrivedMs, depth + 1)
    const plain = newDraft()
    plain.body = wrapped
    plain.loose = wrapped
    return plain
  }
  if (text.charCodeAt(0) === 123) {
    if (readJson(draft, text, arrivedMs, inner)) return draft
  }
  const line = text.length > maxLineLength ? text.slice(0, maxLineLength) : text
  const read = readText(draft, line, arrivedMs, inner)
  if (!read) draft.loose = line
  if (!read || draft.body === null || draft.body === '') draft.body = text
  return draft
}

function readText(draft: Draft, text: string, arrivedMs: number, inner: ReadLine): boolean {
  const code = text.charCodeAt(0)
  if (isDigit(code)) return readDigitFirst(draft, text, arrivedMs, inner)
  if (isLetter(code) || code === 64) return readLetterFirst(draft, text, arrivedMs, inner)
  switch (code) {
    case 60: // <
      return readPriority(draft, text, arrivedMs, inner)
    case 91: // [
      return readStamped(draft, text, 0, arrivedMs, inner) || readLevelFirst(draft, text, arrivedMs)
    case 45: // -
      return (
        readClusterLine(draft, text, arrivedMs, inner) ||
        readPrefixed(draft, text, arrivedMs, inner)
      )
    case 35: // #
    case 61: // =
      return readRuled(draft, text, arrivedMs)
    case 58: // :
      return readAccess(draft, text, arrivedMs)
    default:
      return false
  }
}

function readDigitFirst(draft: Draft, text: string, arrivedMs: number, inner: ReadLine): boolean {
  const second = text.charCodeAt(1)
  if (readKitchen(draft, text, arrivedMs)) return true
  if (second === 32 && readSyslog5424(draft, text, 0, arrivedMs, inner)) return true
  const isDashed = text.charCodeAt(2) === 45 || text.charCodeAt(4) === 45
  if (isDashed && readLogcat(draft, text, arrivedMs)) return true
  if (readStamped(draft, text, 0, arrivedMs, inner)) return true
  if (readAccess(draft, text, arrivedMs)) return true
  return (
    readRedis(draft, text, arrivedMs) ||
    readClusterLine(draft, text, arrivedMs, inner) ||
    readCompose(draft, text, inner)
  )
}

function readLetterFirst(draft: Draft, text: string, arrivedMs: number, inner: ReadLine): boolean {
  if (readMonth(text, 0) > 0 && readJul(draft, text, arrivedMs)) return true
  if (readMonth(text, 0) > 0 && readSyslog3164(draft, text, 0, arrivedMs, inner)) return true
  if (looksLikeLogfmt(text)) return readLogfmtLine(draft, text, arrivedMs)
  const second = text.charCodeAt(1)
  if (isDigit(second) && readKlog(draft, text, arrivedMs)) return true
  if (second === 44 && readRuby(draft, text, arrivedMs)) return true
  if (second === 47 && readLogcatBrief(draft, text)) return true
  if (readConsole(draft, text)) return true
  return (
    readClusterLine(draft, text, arrivedMs, inner) ||
    readStamped(draft, text, 0, arrivedMs, inner) ||
    readLevelFirst(draft, text, arrivedMs) ||
    readPrefixed(draft, text, arrivedMs, inner) ||
    readAccess(draft, text, arrivedMs) ||
    readCompose(draft, text, inner)
  )
}

/** logfmt counts as such when its pairs say when, how bad or what; its message else is the line. */
function readLogfmtLine(draft: Draft, text: string, arrivedMs: number): boolean {
  const fields = readLogfmt(text)
  if (fields === null) return false
  const read = newDraft()
  readFields(read, fields, arrivedMs)
  const message = fields.msg ?? fields.message
  if (read.severity === 0 && read.at === null && message === undefined) return false
  if (message === undefined) read.body = text
  mergeInner(draft, read)
  return true
}

/** `web-1  | message`: how Docker Compose shows the lines of its services. */
function readCompose(draft: Draft, text: string, inner: ReadLine): boolean {
  const match = composed.exec(text)
  if (match === null) return false
  draft.attributes.container = match[1]
  draft.service = (match[1] ?? '').replace(/-\d{1,4}$/, '')
  const line = inner(text.slice(match[0].length))
  setLoose(draft, line, match[1])
  mergeInner(draft, line)
  return true
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

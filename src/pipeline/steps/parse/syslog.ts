import { severityOfSyslog } from '../../../knowledge/severity.ts'
import { type Draft, mergeInner, type ReadLine, setField } from './draft.ts'
import { skipSpaces } from './header.ts'
import { setTime } from './stamped.ts'
import { readSyslogMessage } from './syslog-message.ts'
import { readTimestamp } from './timestamp.ts'

const version5424 = /1 (-|\d{4}-\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) /y
const facilities = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock ' +
  'local0 local1 local2 local3 local4 local5 local6 local7'
).split(' ')

/** Reads a line that opens with `<PRI>`: RFC 5424, RFC 3164, or what devices make of them. */
export function readPriority(
  draft: Draft,
  text: string,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const match = /^<(\d{1,3})>/.exec(text)
  const priority = Number(match?.[1])
  if (match === null || priority > 191) return false
  draft.severity = severityOfSyslog(priority & 7)
  draft.attributes.facility = facilities[priority >> 3]
  const start = match[0].length
  if (readSyslog5424(draft, text, start, arrivedMs, readLine)) return true
  // A Cisco counts its lines before the time, and marks a clock that is not set.
  const counted = /^\d{1,10}: (?:[\w.-]{1,64}: )?[*.]?(?=[A-Z])/.exec(text.slice(start, start + 80))
  if (counted !== null && readCounted(draft, text, start + counted[0].length, arrivedMs))
    return true
  if (readSyslog3164(draft, text, start, arrivedMs, readLine)) return true
  if (readSyslogMessage(draft, text, start, true, readLine)) return true
  mergeInner(draft, readLine(text.slice(start)))
  return true
}

function readCounted(draft: Draft, text: string, start: number, arrivedMs: number): boolean {
  const stamp = readTimestamp(text, start, arrivedMs)
  if (stamp === null || text[stamp.end] !== ':') return false
  setTime(draft, stamp)
  draft.body = text.slice(skipSpaces(text, stamp.end + 1))
  return true
}

/** Reads `Jun 14 15:16:01 host program[pid]: message`, also with an ISO time, from `start`. */
export function readSyslog3164(
  draft: Draft,
  text: string,
  start: number,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const stamp = readTimestamp(text, start, arrivedMs)
  if (stamp === null) return false
  const at = text[stamp.end] === ':' ? stamp.end + 1 : stamp.end
  if (text.charCodeAt(at) !== 32) return false
  if (!readSyslogMessage(draft, text, at + 1, false, readLine)) {
    draft.body = text.slice(skipSpaces(text, at))
  }
  if (draft.at === null || !draft.zoned) setTime(draft, stamp)
  return true
}

/** Reads `1 2003-10-11T22:14:15.003Z host app pid id [data] message` from `start`. */
export function readSyslog5424(
  draft: Draft,
  text: string,
  start: number,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  version5424.lastIndex = start
  const match = version5424.exec(text)
  if (match === null) return false
  const [, time, host, app, pid, id] = match
  const stamp = time === undefined || time === '-' ? null : readTimestamp(time, 0, arrivedMs)
  if (stamp !== null) setTime(draft, stamp)
  else if (time !== '-') return false
  if (host !== '-') draft.host = host ?? null
  if (app !== '-') draft.service = app ?? null
  if (pid !== '-') draft.attributes.pid = pid
  if (id !== '-') draft.attributes.msgid = id
  let at = readStructuredData(draft, text, start + match[0].length)
  if (text.charCodeAt(at) === 0xfeff) at += 1
  mergeInner(draft, readLine(text.slice(at)))
  return true
}

/**
 * Takes `-` or `[id key="value" ...][...]` into the attributes; answers where the message starts.
 */
function readStructuredData(draft: Draft, text: string, start: number): number {
  if (text[start] === '-') return skipSpaces(text, start + 1)
  let at = start
  while (text[at] === '[') {
    const element = /\[([^\s="\]]{1,64})/y
    element.lastIndex = at
    const opening = element.exec(text)
    if (opening === null) break
    const fields: Record<string, unknown> = {}
    const parameter = / ([^\s="\]]{1,64})="((?:[^"\\]|\\.){0,4096})"/y
    let next = element.lastIndex
    for (;;) {
      parameter.lastIndex = next
      const match = parameter.exec(text)
      if (match === null) break
      setField(fields, match[1] ?? '', (match[2] ?? '').replace(/\\(["\\\]])/g, '$1'))
      next = parameter.lastIndex
    }
    if (text[next] !== ']') break
    setField(draft.attributes, opening[1] ?? '', fields)
    at = next + 1
  }
  return skipSpaces(text, at)
}

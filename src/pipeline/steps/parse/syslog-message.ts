import { type Draft, mergeInner, type ReadLine } from './draft.ts'
import { severityOfStatus } from './guess-severity.ts'
import { skipSpaces } from './header.ts'

/**
 * `sshd(pam_unix)[19939]: `, `kernel: `, `/usr/sbin/cron[12]: `, `syslogd 1.4.1: `,
 * `com.apple.xpc.launchd[1] (com.apple.quicklook[532]): `, `-- root[2421]: `.
 */
const tag =
  /(?:-- )?([A-Za-z_/][\w./+-]{0,63})(?:\(([\w:.-]{1,64})\))?(?: \d[\w.]{0,15})?(?:\[(\d{1,10})\])?(?: \([^()\n]{1,128}\))?:(?: |$)/y
const certainTag =
  /([A-Za-z_/][\w./+-]{0,63})(?:\(([\w:.-]{1,64})\))?\[(\d{1,10})\](?: \([^()\n]{1,128}\))?: |kernel: /y
/** HAProxy's times, then the status: `10/0/30/69/109 200 2750`. */
const proxied = /^\S{1,64} \[\S{1,40}\] \S{1,128} \S{1,128} [-+\d/]{5,64} (\d{3}) /
const facilityDotLevel = /[a-z]{3,8}\d?\.[a-z]{3,7} /y

/**
 * Reads `host program[pid]: message` from `start`. With `certain` only a program with a pid (or the
 * kernel) counts, for lines that may be anything else. The message is read as a line of its own.
 */
export function readSyslogMessage(
  draft: Draft,
  text: string,
  start: number,
  certain: boolean,
  readLine: ReadLine,
): boolean {
  const hostStart = skipSpaces(text, start)
  if (!certain && readTag(draft, text, hostStart, tag, readLine)) return true
  let hostEnd = hostStart
  while (hostEnd < hostStart + 256 && text.charCodeAt(hostEnd) > 32) hostEnd += 1
  const next = skipSpaces(text, hostEnd)
  if (hostEnd === hostStart || next === hostEnd || next >= text.length) return false
  const host = text.slice(hostStart, hostEnd)
  facilityDotLevel.lastIndex = next
  const from = !certain && facilityDotLevel.test(text) ? facilityDotLevel.lastIndex : next
  if (readTag(draft, text, from, certain ? certainTag : tag, readLine)) {
    draft.host = host
    return true
  }
  if (certain || !/^[\w.:/-]+$/.test(host)) return false
  draft.host = host
  mergeInner(draft, readLine(text.slice(next)))
  return true
}

function readTag(
  draft: Draft,
  text: string,
  start: number,
  pattern: RegExp,
  readLine: ReadLine,
): boolean {
  pattern.lastIndex = start
  const match = pattern.exec(text)
  if (match === null) return false
  const program = match[1] ?? 'kernel'
  draft.service = program.startsWith('/') ? program.slice(program.lastIndexOf('/') + 1) : program
  if (match[2] !== undefined) draft.attributes.module = match[2]
  if (match[3] !== undefined) draft.attributes.pid = Number(match[3])
  const bodyStart = start + match[0].length
  const inner = readLine(
    text.slice(text.charCodeAt(bodyStart) === 32 ? skipSpaces(text, bodyStart) : bodyStart),
  )
  if (inner.body === null || inner.body === '') inner.body = text.slice(start)
  mergeInner(draft, inner)
  if (draft.service === 'haproxy' && draft.severity === 0 && draft.body !== null)
    draft.severity = severityOfStatus(Number(proxied.exec(draft.body)?.[1]))
  return true
}

import type { Draft } from './draft.ts'
import { severityOfStatus } from './guess-severity.ts'
import { setTime } from './stamped.ts'
import { readTimestamp } from './timestamp.ts'

const longestHead = 300

/**
 * Reads an access line in the common or combined form of Apache and nginx, `10.0.0.1 - bob
 * [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.1" 200 2326 "referer" "agent" ...`. The body keeps
 * client, user, request, status and size; referer and agent are attributes, and what a server adds
 * behind them stays in the body. 5xx is ERROR, 4xx is WARN, anything else INFO.
 */
export function readAccess(draft: Draft, text: string, arrivedMs: number): boolean {
  const joint = text.indexOf('] "')
  if (joint < 0 || joint > longestHead) return false
  const open = text.lastIndexOf('[', joint)
  if (open < 4 || text.charCodeAt(open - 1) !== 32) return false
  const stamp = readTimestamp(text, open + 1, arrivedMs)
  if (stamp === null || stamp.end !== joint) return false
  const head = text.slice(0, open - 1).split(' ')
  if (head.length < 3 || head.length > 5) return false
  const requestEnd = quoteEnd(text, joint + 2)
  if (requestEnd < 0) return false
  const answer = /^ (\d{3}) (\d{1,20}|-)(?= |$)/.exec(text.slice(requestEnd, requestEnd + 32))
  if (answer === null) return false
  const fields = draft.attributes
  const status = Number(answer[1])
  setTime(draft, stamp)
  draft.severity = severityOfStatus(status)
  const client = head[head.length - 3] ?? ''
  const user = head[head.length - 1] ?? '-'
  fields.client = client
  if (user !== '-') fields.user = user
  const request = text.slice(joint + 3, requestEnd - 1)
  setRequest(fields, request)
  fields.status = status
  if (answer[2] !== '-') fields.bytes = Number(answer[2])
  const rest = readAgent(fields, text, requestEnd + answer[0].length)
  const host = head.length > 3 ? `${head.slice(0, -3).join(' ')} ` : ''
  const who = user === '-' ? client : `${client} ${user}`
  draft.body = `${host}${who} "${request}"${answer[0]}${rest}`
  return true
}

function setRequest(fields: Record<string, unknown>, request: string): void {
  const first = request.indexOf(' ')
  const last = request.lastIndexOf(' ')
  if (first <= 0 || first > 16) return
  fields.method = request.slice(0, first)
  fields.path = request.slice(first + 1, last > first ? last : undefined)
}

/** Takes `"referer" "agent"`; answers what stands behind them. */
function readAgent(fields: Record<string, unknown>, text: string, start: number): string {
  if (!text.startsWith(' "', start)) return text.slice(start)
  const refererEnd = quoteEnd(text, start + 1)
  if (refererEnd < 0 || !text.startsWith(' "', refererEnd)) return text.slice(start)
  const agentEnd = quoteEnd(text, refererEnd + 1)
  if (agentEnd < 0) return text.slice(start)
  const referer = text.slice(start + 2, refererEnd - 1)
  const agent = text.slice(refererEnd + 2, agentEnd - 1)
  if (referer !== '-' && referer !== '') fields.referer = referer
  if (agent !== '-' && agent !== '') fields.agent = agent
  return text.slice(agentEnd)
}

/** The index behind the quote that closes the one at `start`, -1 when none does. */
function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 34) return at + 1
    if (code === 92) at += 1
  }
  return -1
}

import { severityOfWord } from '../../../knowledge/severity.ts'
import { type Draft, mergeInner, type ReadLine } from './draft.ts'
import { epochMs } from './epoch.ts'
import { setTime } from './stamped.ts'
import { readTimestamp } from './timestamp.ts'

const collected = /^(\S{1,64}) (\d{10}) \d{4}\.\d{2}\.\d{2} (\S{1,128}) /
const levels = /(?:[A-Z]{2,16} ){0,3}([A-Z]{4,8}) /y
const component = /^\d{1,12} (\S{1,128}) (\S{1,128}) (\S{1,128}) (\d{10}) \d{1,3} /

/**
 * Reads the lines of supercomputers' collectors: `- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.363779 R02-M1 RAS
 * KERNEL INFO text`, or with a syslog line behind the node's name; and `2655 node-7 unix.hw state 1077804742 1 text`.
 */
export function readClusterLine(
  draft: Draft,
  text: string,
  arrivedMs: number,
  readLine: ReadLine,
): boolean {
  const match = collected.exec(text)
  if (match === null) return readComponent(draft, text)
  const ms = epochMs(Number(match[2]))
  if (ms === null) return false
  const [prefix, label, , node = ''] = match
  if (label !== '-') draft.attributes.alert = label
  draft.host = node
  const stamp = readTimestamp(text, prefix.length, arrivedMs)
  const again = stamp === null ? -1 : stamp.end + 1
  if (stamp !== null && text.startsWith(`${node} `, again)) {
    setTime(draft, stamp)
    const start = again + node.length + 1
    levels.lastIndex = start
    draft.severity = severityOfWord(levels.exec(text)?.[1] ?? '')
    const end = draft.severity === 0 ? start : levels.lastIndex
    const component = text.slice(start, end).trim()
    if (component !== '') draft.attributes.component = component
    draft.body = text.slice(end)
    return true
  }
  const line = readLine(text.slice(prefix.length))
  line.at = null
  mergeInner(draft, line)
  draft.body ??= text.slice(prefix.length)
  draft.at = ms
  draft.zoned = true
  return true
}

function readComponent(draft: Draft, text: string): boolean {
  const match = component.exec(text)
  const ms = match === null ? null : epochMs(Number(match[4]))
  if (match === null || ms === null) return false
  draft.at = ms
  draft.zoned = true
  draft.host = match[1] ?? null
  draft.attributes.component = match[2]
  draft.attributes.state = match[3]
  draft.body = text.slice(match[0].length)
  return true
}

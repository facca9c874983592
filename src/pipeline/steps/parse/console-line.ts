import { severityOfWord } from '../../../knowledge/severity.ts'
import type { Draft } from './draft.ts'
import { setTime } from './stamped.ts'
import { readTimestamp } from './timestamp.ts'

const dotnet = /^(trce|dbug|info|warn|fail|crit): ([\w.+`<>,]{1,256})\[(-?\d{1,10})\] ?/
const logrus = /^(TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(\d{4,10})\] ?/
const logrusLevels: Readonly<Record<string, string>> = {
  TRAC: 'trace',
  DEBU: 'debug',
  ERRO: 'error',
  FATA: 'fatal',
  PANI: 'panic',
}
const kitchen = /^(\d{1,2}):(\d\d)([AP])M (TRC|DBG|INF|WRN|ERR|FTL|PNC) /
const zapEpoch = /^(\d\.\d{9,20})e\+(\d\d)\t(?=[A-Za-z]{4,8}\t)/
const jul = /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M (?=[\w$]+\.[\w.$]+ )/
const slowQuery = /^# Time: (?=\d)/
const report = /^={1,2}([A-Z]{4,8}) REPORT={2,8} ?/

/** Reads what .NET's and logrus' consoles write without a time: `fail: Shop.Orders[7]`, `WARN[0042] message`. */
export function readConsole(draft: Draft, text: string): boolean {
  const match = dotnet.exec(text)
  if (match !== null) {
    draft.severity = severityOfWord(match[1] ?? '')
    draft.attributes.logger = match[2]
    draft.attributes.eventId = Number(match[3])
    draft.body = text.slice(match[0].length).trim() === '' ? text : text.slice(match[0].length)
    return true
  }
  const walrus = logrus.exec(text)
  if (walrus === null) return false
  const level = walrus[1] ?? ''
  draft.severity = severityOfWord(logrusLevels[level] ?? level)
  draft.body = text.slice(walrus[0].length)
  return true
}

/** Reads `9:58AM INF message` (zerolog) and `1.7954278811234567e+09\tINFO\tmessage` (zap), for a terminal. */
export function readKitchen(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = kitchen.exec(text)
  if (match !== null) {
    const hour = (Number(match[1]) % 12) + (match[3] === 'P' ? 12 : 0)
    const stamp = readTimestamp(`${String(hour).padStart(2, '0')}:${match[2]}:00`, 0, arrivedMs)
    if (stamp === null) return false
    setTime(draft, stamp)
    draft.severity = match[4] === 'PNC' ? 21 : severityOfWord(match[4] ?? '')
    draft.body = text.slice(match[0].length)
    return true
  }
  const epoch = zapEpoch.exec(text)
  if (epoch === null) return false
  const seconds = Number(`${epoch[1]}e${epoch[2]}`).toFixed(6)
  const stamp = readTimestamp(`${seconds} `, 0, arrivedMs)
  const end = text.indexOf('\t', epoch[0].length)
  const severity = severityOfWord(text.slice(epoch[0].length, end))
  if (stamp === null || severity === 0) return false
  setTime(draft, stamp)
  draft.severity = severity
  draft.body = text.slice(end + 1)
  return true
}

/** Reads `Nov 23, 2026 9:58:01 AM org.shop.Main run`: the first of the two lines of java.util.logging. */
export function readJul(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = jul.exec(text)
  const stamp = match === null ? null : readTimestamp(text, 0, arrivedMs)
  if (match === null || stamp === null) return false
  setTime(draft, stamp)
  draft.body = text.slice(match[0].length)
  draft.attributes.logger = draft.body.slice(0, draft.body.indexOf(' '))
  return true
}

/** Reads `# Time: 2026-11-23T09:58:01Z` (MySQL's slow log) and `=ERROR REPORT==== 23-Nov-2026::09:58:01 ===` (Erlang). */
export function readRuled(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = slowQuery.exec(text) ?? report.exec(text)
  if (match === null) return false
  const [prefix, level] = match
  const rest = text.slice(prefix.length, prefix.length + 64).replace('::', ' ')
  const stamp = readTimestamp(rest, 0, arrivedMs)
  if (stamp === null) return false
  setTime(draft, stamp)
  draft.severity = severityOfWord(level ?? '')
  draft.body = text
  return true
}

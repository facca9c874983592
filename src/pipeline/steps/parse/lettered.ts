import { severityOfLetter } from '../../../knowledge/severity.ts'
import type { Draft } from './draft.ts'
import { setTime } from './stamped.ts'
import { readTimestamp } from './timestamp.ts'
import { readDigits } from './timestamp-parts.ts'

const klog =
  /^([DIWEFN])(\d{4}|\d{6}|\d{8}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)\s{1,8}(\d{1,10}) ([^\s\]]{1,200})\] ?/
const logcat =
  /^((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})(?: [+-]\d{4})?\s{1,8}(?:\d{1,10}\s{1,8})?(\d{1,10})\s{1,8}(\d{1,10}) ([VDIWEFA]) ([^:\n]{0,128}?)\s{0,32}: ?/
const logcatTime = /^((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?=[VDIWEFA]\/)/
const logcatBrief = /^([VDIWEFA])\/([^(\n]{0,128}?)\s{0,32}\(\s{0,8}(\d{1,10})\): ?/
const redisSignal = /^(\d{1,10}):signal-handler \((\d{10})\) /
const ruby = /^[DIWEFA], \[([^\s\]]{19,40}) #(\d{1,10})\]\s{1,4}(\w{3,7}) -- ([^:\n]{0,100}): ?/
const redis = /^(\d{1,10}):([XCSM]) (\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) ([.*#-]) /

/**
 * Reads `E0102 15:04:05.000000 1 file.go:12] message`: klog, glog, and with a year, absl and
 * others.
 */
export function readKlog(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = klog.exec(text)
  if (match === null) return false
  const [prefix, letter = '', date = '', clock = '', thread, source] = match
  const day = date.slice(-2)
  const month = date.slice(-4, -2)
  const year =
    date.length === 8 ? date.slice(0, 4) : date.length === 6 ? `20${date.slice(0, 2)}` : ''
  const stamp = readTimestamp(
    year === '' ? `${month}-${day} ${clock}` : `${year}-${month}-${day} ${clock}`,
    0,
    arrivedMs,
  )
  if (stamp === null) return false
  setTime(draft, stamp)
  draft.severity = severityOfLetter(letter)
  draft.attributes.tid = Number(thread)
  draft.attributes.source = source
  draft.body = text.slice(prefix.length)
  return true
}

/** Reads `03-17 16:13:38.811  1702  2395 D WindowManager: message`. */
export function readLogcat(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = logcat.exec(text)
  if (match === null) {
    const time = logcatTime.exec(text)
    const stamp = time === null ? null : readTimestamp(time[1] ?? '', 0, arrivedMs)
    if (time === null || stamp === null) return false
    if (!readLogcatBrief(draft, text.slice(time[0].length))) return false
    setTime(draft, stamp)
    return true
  }
  const [prefix, time = '', pid, tid, letter = '', logger = ''] = match
  const stamp = readTimestamp(time, 0, arrivedMs)
  if (stamp === null) return false
  setTime(draft, stamp)
  draft.severity = letter === 'A' ? 21 : severityOfLetter(letter)
  draft.attributes.pid = Number(pid)
  draft.attributes.tid = Number(tid)
  if (logger !== '') draft.attributes.logger = logger
  draft.body = text.slice(prefix.length)
  return true
}

/** Reads `E/AndroidRuntime( 1702): message`. */
export function readLogcatBrief(draft: Draft, text: string): boolean {
  const match = logcatBrief.exec(text)
  if (match === null) return false
  const [prefix, letter = '', logger = '', pid] = match
  draft.severity = letter === 'A' ? 21 : severityOfLetter(letter)
  draft.attributes.pid = Number(pid)
  if (logger !== '') draft.attributes.logger = logger
  draft.body = text.slice(prefix.length)
  return true
}

/** Reads `I, [2024-01-02T03:04:05.123456 #1234]  INFO -- name: message`: Ruby's logger. */
export function readRuby(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = ruby.exec(text)
  if (match === null) return false
  const [prefix, time = '', pid, , name = ''] = match
  const stamp = readTimestamp(time, 0, arrivedMs)
  if (stamp === null) return false
  setTime(draft, stamp)
  draft.severity = text[0] === 'A' ? 0 : severityOfLetter(text[0] ?? '')
  draft.attributes.pid = Number(pid)
  if (name.trim() !== '') draft.attributes.logger = name.trim()
  draft.body = text.slice(prefix.length)
  return true
}

/** Reads `1234:M 02 Jan 2024 03:04:05.123 * message`: Redis and its kin. */
export function readRedis(draft: Draft, text: string, arrivedMs: number): boolean {
  const match = redis.exec(text)
  if (match === null) {
    const signal = redisSignal.exec(text)
    const stamp = signal === null ? null : readTimestamp(`${signal[2]} `, 0, arrivedMs)
    if (signal === null || stamp === null) return false
    setTime(draft, stamp)
    draft.severity = 13
    draft.attributes.pid = Number(signal[1])
    draft.body = text.slice(signal[0].length)
    return true
  }
  const [prefix, pid = '', role, time = '', mark = ''] = match
  const stamp = readTimestamp(time, 0, arrivedMs)
  if (stamp === null || readDigits(pid, 0, pid.length) < 0) return false
  setTime(draft, stamp)
  draft.severity = mark === '#' ? 13 : mark === '*' ? 10 : 5
  draft.attributes.pid = Number(pid)
  draft.attributes.role = role
  draft.body = text.slice(prefix.length)
  return true
}

import type { LogRecord } from '../../../../log/read-records.ts'
import type { ParseMark } from '../draft.ts'
import { levelOfWord } from '../guess-severity.ts'
import type { ParsedEvent, ReadRecord } from '../parse-record.ts'
import { maxBodyLength } from '../safe-text.ts'
import { continueTrace, isFrame, opensKey, openTrace, type TraceState } from './trace-line.ts'

/** Lines of one event; its body is bounded as well (`maxBodyLength`). */
export const maxLines = 1_000
/** Lines that arrive further apart than this do not belong to one another. */
export const maxGapMs = 10_000

/** The last event of a source, which the next line may continue. Never changed by a later call: see `reopen`. */
export interface OpenEvent extends TraceState {
  /** Of the record that it begins with. */
  sequence: bigint
  event: ParsedEvent
  /** The time that lines without one of their own take over; undefined where none was named yet. */
  timed: Date | undefined
  lines: number
  lastSequence: bigint
  lastArrivedMs: number
  /** Bytes of its records, for the memory's bound. */
  bytes: number
}

/** Opens the event that a record begins; it takes the time of the line before it where it has none. */
export function openEvent(
  record: LogRecord,
  read: ReadRecord,
  before: OpenEvent | undefined,
): OpenEvent {
  const { event, loose } = read
  const arrivedMs = record.arrivedAt.getTime()
  const isTimed = event.at.getTime() !== arrivedMs
  const timed = isTimed ? event.at : isNear(before, arrivedMs) ? before?.timed : undefined
  if (!isTimed && timed !== undefined) event.at = timed
  const level = loose === null ? 0 : levelOfWord(loose)
  const isIndented = loose !== null && (loose.charCodeAt(0) === 32 || loose.charCodeAt(0) === 9)
  return {
    sequence: record.sequence,
    event,
    timed,
    lines: 1,
    lastSequence: record.sequence,
    lastArrivedMs: arrivedMs,
    bytes: record.data.length,
    trace: opensKey(event.body) ? 'key' : loose === null ? 'none' : openTrace(loose),
    headed: loose === null || level !== 0,
    severity: event.severity,
    isIndented,
    afterIndented: isIndented,
  }
}

/** Adds a record to the event that it continues; false, and nothing is changed, where it is another event's. */
export function continueEvent(open: OpenEvent, record: LogRecord, read: ReadRecord): boolean {
  const { loose } = read
  if (loose === null || !isNear(open, record.arrivedAt.getTime())) return false
  const continued = continueTrace(open, loose)
  const trace = continued !== null && opensKey(loose) ? 'key' : continued
  if (trace === null) return false
  const { event } = open
  if (open.lines >= maxLines || event.body.length + 1 + loose.length > maxBodyLength) return false
  event.body += `\n${loose}`
  if (trace !== 'none' && trace !== 'key' && event.severity === 0)
    event.severity = Math.max(17, read.event.severity)
  event.traceId ??= read.event.traceId
  for (const mark of read.event.marks)
    if (mark !== 'empty' && !event.marks.includes(mark))
      event.marks = [...event.marks, mark satisfies ParseMark]
  open.trace = trace
  open.severity = event.severity
  open.afterIndented = loose.charCodeAt(0) === 32 || loose.charCodeAt(0) === 9
  open.lines += 1
  open.lastSequence = record.sequence
  open.lastArrivedMs = record.arrivedAt.getTime()
  open.bytes += record.data.length
  return true
}

/** A copy that may be changed: what an earlier call yielded stays as it was. */
export function reopen(open: OpenEvent): OpenEvent {
  const { event, sequence } = open
  return { ...open, event: { ...event, continues: sequence, lengthBefore: event.body.length } }
}

/** True for a line that may be the rest of an event whose beginning is not known. */
export function isOrphan({ loose }: ReadRecord): boolean {
  if (loose === null) return false
  return loose === '' || loose.charCodeAt(0) === 32 || loose.charCodeAt(0) === 9 || isFrame(loose)
}

function isNear(before: OpenEvent | undefined, arrivedMs: number): boolean {
  if (before === undefined) return false
  const gap = arrivedMs - before.lastArrivedMs
  return gap >= 0 && gap <= maxGapMs
}

import { boundAttributes } from './bound-attributes.ts'
import { decode } from './decode.ts'
import { newDraft, type ParseMark } from './draft.ts'
import { guessSeverity } from './guess-severity.ts'
import { readLine } from './line.ts'
import { cutText, maxBodyLength, safeText } from './safe-text.ts'
import { serviceOfSource } from './service-of-source.ts'
import { traceInText } from './trace-in-text.ts'

/** A record as an event, before redaction. */
export interface ParsedEvent {
  /** When it happened: the line's own time, else its collector's, else its arrival. */
  at: Date
  /** OpenTelemetry's severity number 1..24; 0 is unknown. */
  severity: number
  /** Who wrote it, as the line or what wraps it says; else as the name of the file does that is its partition key. */
  service: string | null
  host: string | null
  pod: string | null
  namespace: string | null
  traceId: string | null
  spanId: string | null
  /**
   * The message, what a person reads; empty only when the record is. At most `maxBodyLength` units.
   */
  body: string
  /** The structured fields that have no place of their own, within `attributeLimits`. */
  attributes: Record<string, unknown>
  /** What was wrong with the record; it is kept all the same. */
  marks: readonly ParseMark[]
  /**
   * Set where the event was yielded before, shorter: the sequence number of the record that it begins with. Lines that
   * continue it came in a later batch, and this is the whole of it as far as it has come.
   */
  continues?: bigint
  /**
   * Where the event begins: `STREAM/SHARD/SEQUENCE` of its first record, as a citation has it. The same each time that the
   * event is yielded, also by a replay: the key of a table of events. Set by `parse()`, and not by a record alone.
   */
  id?: string
  /** With `continues`: how much of the body was yielded before, in UTF-16 units. */
  lengthBefore?: number
}

export interface RecordInput {
  data: Uint8Array
  arrivedAt: Date
  partitionKey: string
}

export interface ReadRecord {
  event: ParsedEvent
  /** The line as it was written, where neither a time nor a level opens it; null for any other. */
  loose: string | null
  /** Who wrote the line, by what wraps it; empty for a line on its own. */
  origin: string
}

/**
 * Reads a record in whatever format it has. Never throws and never drops: what no format admits is
 * a body of its own. All text is fit for Postgres (`safeText`); time is linear in the record's
 * size; the same record with the same arrival is always the same event.
 */
export function parseRecord(input: RecordInput): ParsedEvent {
  return readRecord(input).event
}

/** A record's event, and what says whether it continues the one before: see join/join-records.ts. */
export function readRecord(input: RecordInput): ReadRecord {
  const { text, utf8 } = decode(input.data)
  const clean = trimEnd(safeText(text))
  const draft = clean.trim() === '' ? newDraft() : readLine(clean, input.arrivedAt.getTime())
  const whole = safeText(draft.body ?? '').trimEnd()
  const body = cutText(whole, maxBodyLength)
  const bounded = boundAttributes(draft.attributes)
  if (!utf8) draft.marks.add('not_utf8')
  if (body === '') draft.marks.add('empty')
  if (body.length < whole.length || bounded.cut) draft.marks.add('truncated')
  const event: ParsedEvent = {
    at: draft.at === null ? input.arrivedAt : new Date(draft.at),
    severity: draft.severity === 0 ? guessSeverity(body) : draft.severity,
    service: nameOf(draft.service) ?? serviceOfSource(input.partitionKey),
    host: nameOf(draft.host),
    pod: nameOf(draft.pod),
    namespace: nameOf(draft.namespace),
    traceId: nameOf(draft.traceId) ?? traceInText(body),
    spanId: nameOf(draft.spanId),
    body,
    attributes: bounded.attributes,
    marks: [...draft.marks],
  }
  const loose = body === '' ? '' : draft.loose === null ? null : safeText(draft.loose)
  return { event, loose, origin: draft.origin }
}

function nameOf(name: string | null): string | null {
  return name === null || name === '' ? null : safeText(name)
}

/** Without the line's end; spaces at its start stay: they show what belongs to the line before. */
function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) <= 32) end -= 1
  return end === text.length ? text : text.slice(0, end)
}

import { type Draft, setField } from './draft.ts'
import { epochMs } from './epoch.ts'
import { bodyOf } from './field-body.ts'
import { type FieldRole, nestedNames, roleByName } from './field-roles.ts'
import { impliedSeverity, severityOfField } from './field-severity.ts'
import { readTimestamp, type Stamp } from './timestamp.ts'

type Fields = Record<string, unknown>

interface Found {
  rank: number
  name: string
  value: unknown
  stamp?: Stamp
  severity?: number
}

type Roles = Map<FieldRole, Found>

/** One record's reading: what was found, and what judging a value needs. */
interface Reading {
  roles: Roles
  record: Fields
  arrivedMs: number
}

const longestId = 128

/**
 * Reads a structured record into a draft: the fields with a role (time, severity, message, service,
 * ids, ...) by the names of common loggers, all others as attributes. A record without a message
 * has its fields, `key=value`, as the body. Answers whether any role was found.
 */
export function readFields(draft: Draft, fields: Fields, arrivedMs: number): boolean {
  const roles: Roles = new Map()
  const rest = collect(fields, '', { roles, record: fields, arrivedMs }, 0)
  const stamp = roles.get('time')?.stamp
  if (stamp !== undefined) {
    draft.at = stamp.ms + fractionOf(roles.get('time')?.name, fields)
    draft.zoned = stamp.zoned
  }
  draft.severity = roles.get('severity')?.severity ?? impliedSeverity(fields)
  setNames(draft, roles, rest, fields)
  setIds(draft, roles, rest)
  draft.body = bodyOf(roles.get('body'), rest)
  for (const key of Object.keys(rest)) setField(draft.attributes, key, rest[key])
  return roles.size > 0
}

/** Takes the fields that have a role out of an object and answers what is left. */
function collect(fields: Fields, path: string, reading: Reading, depth: number): Fields {
  const rest: Fields = {}
  for (const key of Object.keys(fields)) {
    const value = key === 'MESSAGE' ? textOfBytes(fields[key]) : fields[key]
    if (value === null || value === undefined || value === '') continue
    const name = path === '' ? key : `${path}.${key}`
    if (typeof value === 'object') {
      if (depth < 3 && nestedNames.has(name) && !Array.isArray(value)) {
        const inner = collect(value as Fields, name, reading, depth + 1)
        if (Object.keys(inner).length > 0) setField(rest, key, inner)
        continue
      }
      setField(rest, key, value)
      continue
    }
    const found = judge(name, value, reading)
    if (found === null) {
      setField(rest, key, value)
      continue
    }
    const holder = reading.roles.get(found.role)
    if (holder === undefined || found.rank < holder.rank) {
      if (holder !== undefined) setField(rest, holder.name, holder.value)
      reading.roles.set(found.role, found)
    } else {
      setField(rest, key, value)
    }
  }
  return rest
}

/** journald gives a message that is not plain text as the list of its bytes. */
function textOfBytes(value: unknown): unknown {
  if (!Array.isArray(value) || value.length > 65_536) return value
  const isBytes = value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
  return isBytes ? Buffer.from(value).toString('utf8') : value
}

/** A field's role, null when its name has none or its value cannot have it. */
function judge(
  name: string,
  value: unknown,
  reading: Reading,
): (Found & { role: FieldRole }) | null {
  const known = roleByName.get(name)
  if (known === undefined) return null
  const found = { role: known.role, rank: known.rank, name, value }
  if (known.role === 'time') {
    const stamp = timeOf(value, reading.arrivedMs)
    return stamp === null ? null : { ...found, stamp }
  }
  if (name === 'trace' && !/^(?:projects\/.{1,100}\/traces\/)?[0-9a-f]{32}$/i.test(String(value)))
    return null
  if (known.role === 'severity') {
    const severity = severityOfField(name, value, reading.record)
    return severity === 0 ? null : { ...found, severity }
  }
  return found
}

/** The milliseconds of a time that stands in two fields. */
function fractionOf(name: string | undefined, fields: Fields): number {
  const holder = (name === 'instant.epochSecond' ? fields.instant : fields.timestamp) as Fields
  let nanos: unknown
  if (name === 'instant.epochSecond') nanos = holder.nanoOfSecond
  else if (name === 'timestamp.seconds') nanos = holder.nanos
  else if (name === 'timestampSeconds') nanos = fields.timestampNanos
  return typeof nanos === 'number' && nanos >= 0 && nanos < 1e9 ? Math.floor(nanos / 1e6) : 0
}

/** A field's value as a time: a text in any of the spellings, or an epoch as number or text. */
export function timeOf(value: unknown, arrivedMs: number): Stamp | null {
  if (typeof value === 'number') {
    const ms = epochMs(value)
    return ms === null ? null : { ms, end: 0, zoned: true }
  }
  if (typeof value !== 'string' || value.length > 64) return null
  const text = value.trim()
  const stamp = readTimestamp(text, 0, arrivedMs)
  if (stamp === null) return null
  // `GMT+0000 (Coordinated Universal Time)`: a JavaScript Date as text.
  return stamp.end === text.length || text.startsWith(' (', stamp.end) ? stamp : null
}

function setNames(draft: Draft, roles: Roles, rest: Fields, fields: Fields): void {
  for (const role of ['service', 'host', 'pod', 'namespace'] as const) {
    const found = roles.get(role)
    if (found === undefined) continue
    const value = String(found.value)
    const name = found.name === '_SYSTEMD_UNIT' ? value.replace(/\.service$/, '') : value
    if (name.length <= 256) draft[role] = name
    else setField(rest, found.name, found.value)
  }
  const name = fields.name
  if (typeof name === 'string' && draft.service === null && namesService(fields)) {
    draft.service = name
    delete rest.name
  }
}

/** Pino's and bunyan's `name` is the program; in other loggers it is the logger. */
function namesService(fields: Fields): boolean {
  return typeof fields.level === 'number' && fields.level >= 10 && fields.name !== ''
}

function setIds(draft: Draft, roles: Roles, rest: Fields): void {
  const trace = roles.get('trace')
  if (trace !== undefined) {
    const id = String(trace.value)
    const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-/i.exec(id)
    if (parent !== null) draft.spanId = idOf(parent[2])
    draft.traceId = idOf(parent?.[1] ?? id.slice(id.lastIndexOf('/') + 1))
    if (draft.traceId === null) setField(rest, trace.name, trace.value)
  }
  const span = roles.get('span')
  if (span !== undefined) draft.spanId = idOf(span.value) ?? draft.spanId
}

/** An id as text; null when it is empty, too long, or all zeros (no trace). */
export function idOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const id = String(value)
  if (id === '' || id.length > longestId || /^0+$/.test(id)) return null
  return /^[0-9A-Fa-f]+$/.test(id) ? id.toLowerCase() : id
}

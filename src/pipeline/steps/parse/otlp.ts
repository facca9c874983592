import { severityOfWord } from '../../../knowledge/severity.ts'
import { describeFields } from './describe-fields.ts'
import { type Draft, mergeInner, newDraft, type ReadLine, setField, setLoose } from './draft.ts'
import { idOf, readFields, timeOf } from './fields.ts'

type Fields = Record<string, unknown>

const maxDepth = 8

/** True for one log record as the OTLP door stores it: `{resource, scope, logRecord}`. */
export function isOtlp(record: Fields): boolean {
  return isObject(record.logRecord) && (isObject(record.resource) || isObject(record.scope))
}

/**
 * Reads one OTLP log record: its own fields first, then the names that its resource has by the
 * semantic conventions. The scope's name becomes `scope`, the resource's other fields `resource`.
 */
export function readOtlp(
  draft: Draft,
  record: Fields,
  arrivedMs: number,
  readLine: ReadLine,
): void {
  const log = record.logRecord as Fields
  const resource = attributesOf(record.resource)
  const attributes = attributesOf(log)
  const body = anyValue(log.body, 0)
  if (typeof body === 'string') {
    draft.body = body
  } else if (isObject(body)) {
    const inner = newDraft()
    readFields(inner, body, arrivedMs)
    mergeInner(draft, inner)
  } else if (body !== null && body !== undefined) {
    draft.body = describeFields({ body })
  }
  const stamp = timeOf(log.timeUnixNano, arrivedMs) ?? timeOf(log.observedTimeUnixNano, arrivedMs)
  if (stamp !== null) {
    draft.at = stamp.ms
    draft.zoned = true
  }
  draft.severity = severityOf(log) || draft.severity
  if (draft.severity === 0 && typeof body === 'string') {
    const line = readLine(body)
    const names = [
      'service.name',
      'service.instance.id',
      'host.name',
      'k8s.pod.name',
      'k8s.container.name',
    ]
    const file = attributes['log.file.path'] ?? attributes['log.file.name']
    setLoose(draft, line, ...[...names.map((name) => resource[name]), file].map(String))
    mergeInner(draft, line)
  }
  draft.traceId = idOf(log.traceId ?? log.trace_id) ?? draft.traceId
  draft.spanId = idOf(log.spanId ?? log.span_id) ?? draft.spanId
  setNames(draft, resource)
  appendException(draft, attributes)
  for (const key of Object.keys(attributes)) setField(draft.attributes, key, attributes[key])
  const scope = isObject(record.scope) ? record.scope.name : undefined
  if (typeof scope === 'string' && scope !== '') draft.attributes.scope = scope
  if (Object.keys(resource).length > 0) draft.attributes.resource = resource
  if (draft.body === null || draft.body.trim() === '') draft.body = describeFields(attributes)
}

function severityOf(log: Fields): number {
  const number = log.severityNumber ?? log.severity_number
  const value = Number(number)
  if (value >= 1 && value < 25) return Math.floor(value)
  const name = typeof number === 'string' ? number.replace('SEVERITY_NUMBER_', '') : ''
  return severityOfWord(name) || severityOfWord(String(log.severityText ?? ''))
}

/** Takes the names of who spoke out of the resource's fields. */
function setNames(draft: Draft, resource: Fields): void {
  const take = (...names: string[]): string | null => {
    for (const name of names) {
      const value = resource[name]
      if (typeof value !== 'string' || value === '' || value.length > 256) continue
      delete resource[name]
      return value
    }
    return null
  }
  draft.service =
    take('service.name', 'k8s.deployment.name', 'k8s.container.name', 'container.name') ??
    draft.service
  draft.host = take('host.name', 'k8s.node.name') ?? draft.host
  draft.pod = take('k8s.pod.name') ?? draft.pod
  draft.namespace = take('k8s.namespace.name') ?? draft.namespace
}

/** An exception's type and message belong to what a person reads. */
function appendException(draft: Draft, attributes: Fields): void {
  const message = attributes['exception.message']
  if (typeof message !== 'string' || message === '' || draft.body?.includes(message) === true)
    return
  const type = attributes['exception.type']
  const error = typeof type === 'string' ? `${type}: ${message}` : message
  draft.body = draft.body === null || draft.body === '' ? error : `${draft.body}: ${error}`
}

/** `[{key, value: {stringValue}}]` as an object. */
function attributesOf(holder: unknown): Fields {
  return isObject(holder) ? keyValues(holder.attributes, 0) : {}
}

function keyValues(list: unknown, depth: number): Fields {
  const fields: Fields = {}
  if (!Array.isArray(list)) return fields
  for (const pair of list) {
    if (!isObject(pair) || typeof pair.key !== 'string') continue
    const value = anyValue(pair.value, depth + 1)
    if (value !== undefined && value !== null) setField(fields, pair.key, value)
  }
  return fields
}

/** An OTLP AnyValue as the JSON value it stands for. */
function anyValue(value: unknown, depth: number): unknown {
  if (!isObject(value)) return value
  if (depth > maxDepth) return undefined
  if ('stringValue' in value) return value.stringValue
  if ('boolValue' in value) return value.boolValue
  if ('doubleValue' in value) return value.doubleValue
  if ('bytesValue' in value) return value.bytesValue
  if ('intValue' in value) {
    const number = Number(value.intValue)
    return Number.isSafeInteger(number) ? number : String(value.intValue)
  }
  if (isObject(value.kvlistValue)) return keyValues(value.kvlistValue.values, depth + 1)
  if (isObject(value.arrayValue)) {
    const values = value.arrayValue.values
    return Array.isArray(values) ? values.map((item) => anyValue(item, depth + 1)) : []
  }
  return undefined
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

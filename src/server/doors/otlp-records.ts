import { MillraceError } from '../../base/errors.ts'
import type { NewRecord } from '../../log/new-record.ts'
import { isPartitionKey } from './partition-key.ts'
import { tooManyRecords } from './split-lines.ts'

type Fields = Record<string, unknown>

/** Resource attributes that name who spoke, the finest first. */
const sourceAttributes = ['service.instance.id', 'k8s.pod.name', 'service.name', 'host.name']

/**
 * The records of an ExportLogsServiceRequest in OTLP's JSON: each log record with its resource and scope, as
 * `{"resource":{...},"scope":{...},"logRecord":{...}}`, and their schema URLs where they have one. Nothing is dropped.
 * Fails with `invalid_argument` when the body is not such a request, `limit_exceeded` beyond `maxRecords`.
 */
export function readOtlpRecords(body: Buffer, maxRecords: number): NewRecord[] {
  const request = asObject(parse(body.toString('utf8')), 'the body')
  if (request.resourceLogs === undefined && Object.keys(request).length > 0)
    throw malformed('the body', 'an object with resourceLogs')
  const records: NewRecord[] = []
  for (const entry of asList(request.resourceLogs, 'resourceLogs')) {
    const resourceLogs = asObject(entry, 'an entry of resourceLogs')
    const resource = asObject(resourceLogs.resource ?? {}, 'resource')
    const resourceText = stringify(resource)
    const partitionKey = sourceOf(resource) ?? 'otlp'
    for (const scopeEntry of asList(resourceLogs.scopeLogs, 'scopeLogs')) {
      const scopeLogs = asObject(scopeEntry, 'an entry of scopeLogs')
      const scopeText = stringify(asObject(scopeLogs.scope ?? {}, 'scope'))
      const head = `{"resource":${resourceText}${schemaUrl('resourceSchemaUrl', resourceLogs)},"scope":${scopeText}${schemaUrl('scopeSchemaUrl', scopeLogs)},"logRecord":`
      for (const logRecord of asList(scopeLogs.logRecords, 'logRecords')) {
        if (records.length === maxRecords) throw tooManyRecords(maxRecords)
        const text = stringify(asObject(logRecord, 'an entry of logRecords'))
        records.push({ partitionKey, data: Buffer.from(`${head}${text}}`) })
      }
    }
  }
  return records
}

/** Whole numbers of so many digits may not fit a double. */
const longNumber = /[:[,]\s*-?\d{16,}/

/**
 * Parses OTLP's JSON. Its 64-bit fields are strings or numbers; a number that a double cannot hold becomes the string,
 * which means the same. Looking at every value is slow, so it is done only where a long number may stand.
 */
function parse(text: string): unknown {
  if (text.trim() === '') return {}
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source ?? ''
    return /^-?\d+$/.test(source) ? source : value
  }
  try {
    return longNumber.test(text) ? JSON.parse(text, revive) : JSON.parse(text)
  } catch {
    // The parser's own message quotes the body.
    throw malformed('the body', 'JSON')
  }
}

function stringify(fields: Fields): string {
  try {
    return JSON.stringify(fields)
  } catch {
    throw malformed('the body', 'JSON that is not nested thousands deep')
  }
}

function schemaUrl(name: string, { schemaUrl }: Fields): string {
  return typeof schemaUrl === 'string' && schemaUrl !== ''
    ? `,"${name}":${JSON.stringify(schemaUrl)}`
    : ''
}

/** The first of the attributes that is fit to be a partition key. */
function sourceOf(resource: Fields): string | undefined {
  const attributes = asList(resource.attributes, 'the attributes of a resource')
  for (const name of sourceAttributes) {
    for (const attribute of attributes) {
      const { key, value } = asObject(attribute, 'an attribute of a resource')
      if (key !== name || typeof value !== 'object' || value === null) continue
      if ('stringValue' in value && isPartitionKey(value.stringValue)) return value.stringValue
    }
  }
  return undefined
}

/** In Protobuf's JSON, null is the same as absent. */
function asList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw malformed(what, 'an array')
}

function asObject(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw malformed(what, 'an object')
}

function malformed(what: string, expected: string): MillraceError {
  return new MillraceError(
    'invalid_argument',
    `expected ${what} to be ${expected}; nothing was stored`,
  )
}

import type { PublicError } from '../describe-error.ts'
import type { Door } from './door.ts'
import { readOtlpRecords } from './otlp-records.ts'
import type { PutOutcome } from './put-outcome.ts'

/*
 * POST /v1/logs: OTLP/HTTP with JSON, as OpenTelemetry's SDKs and Collectors send it.
 *
 * 200 `{}`: everything is durable. 200 with `partialSuccess`: some records were refused for what they are and must not
 * be sent again. 503 with Retry-After: the sender keeps the request and sends it again, whole; what of it was stored
 * already is then stored twice. 4xx: it must be mended first. Errors are google.rpc.Status, as the protocol says.
 */

/** google.rpc.Code by HTTP status. */
const rpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  403: 7,
  404: 5,
  413: 8,
  415: 3,
  503: 14,
}
const rpcInternal = 13

/** The OTLP door; every log record becomes a record of `stream`. */
export function createOtlpDoor(options: { stream: string }): Door {
  return {
    name: 'otlp',
    path: '/v1/logs',
    mediaTypes: ['application/json'],
    hint: 'this server takes OTLP as JSON, not as Protobuf: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json, or encoding: json in a Collector',
    read: (request, { maxRecords }) => ({
      stream: options.stream,
      records: readOtlpRecords(request.body, maxRecords),
      skipped: 0,
    }),
    reply: (outcome) => ({ status: 200, body: partialSuccess(outcome) }),
    wordError,
  }
}

function partialSuccess({ results, rejected }: PutOutcome): object {
  if (rejected === 0) return {}
  const first = results.find((result) => !result.ok)
  return {
    partialSuccess: {
      // A 64-bit number, which Protobuf's JSON writes as a string.
      rejectedLogRecords: String(rejected),
      errorMessage: first ? `the first of them: ${first.error.message}` : '',
    },
  }
}

function wordError({ status, message }: PublicError): object {
  return { code: rpcCodes[status] ?? rpcInternal, message }
}

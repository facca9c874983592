import { z } from 'zod'
import { MillraceError } from '../../base/errors.ts'
import { validate } from '../../base/validate.ts'
import { formatCitation } from '../../log/citation.ts'
import type { NewRecord, PutResult } from '../../log/new-record.ts'
import { streamName } from '../../log/stream-name.ts'
import { statusOf } from '../http-status.ts'
import type { Door, DoorInput, DoorRequest } from './door.ts'
import { checkPartitionKey, partitionKeyOf } from './partition-key.ts'
import type { PutOutcome } from './put-outcome.ts'
import { splitJson } from './split-json.ts'
import { splitLines } from './split-lines.ts'

/*
 * POST /streams/:name/records: what curl, scripts and Fluent Bit's http output send.
 *
 * NDJSON and plain text are a record a line, a JSON body is a record an element (or an object). A record's data are its
 * own bytes. A line is stored even when it is no JSON or no UTF-8: indexing marks it later, nothing is lost. A JSON body
 * that is no JSON is refused whole, because where its records end cannot be known.
 *
 * The partition key is the sender's (`?partitionKey=` or X-Partition-Key), else what the record names as its source,
 * else the request's own id, so that lines of one request keep their order.
 *
 * 200 means that every record is durable, or refused for what it is and listed. 413 or 400: all of them were. 503 means
 * that some are not stored and the request should be sent again; it says how many are stored, and those will be stored
 * twice (Fluent Bit sends the whole chunk again). `?results=1` lists what became of each record.
 */

const lineTypes: readonly string[] = [
  'application/x-ndjson',
  'application/ndjson',
  'application/json-lines',
  'application/jsonl',
  'text/plain',
]

const querySchema = z.strictObject({
  partitionKey: z.string().optional(),
  results: z.enum(['0', '1']).optional(),
})

/** Refused records that a reply lists without `?results=1`. */
const maxListed = 100

export const streamsDoor: Door = {
  name: 'streams',
  path: '/streams/:name/records',
  mediaTypes: ['application/json', ...lineTypes],
  hint: 'send application/x-ndjson or text/plain with a record a line, or application/json with an array of records',
  read,
  reply: (outcome, request) => ({
    status: statusOfOutcome(outcome),
    body: summary(outcome, request),
  }),
  wordError: ({ code, message }, outcome, request) => ({
    error: { code, message },
    ...(outcome && request ? summary(outcome, request) : {}),
  }),
}

function read(request: DoorRequest, { maxRecords }: { maxRecords: number }): DoorInput {
  const { partitionKey } = validate(querySchema, request.query, 'the query')
  const stream = request.params.name ?? ''
  if (!streamName.test(stream))
    throw new MillraceError(
      'invalid_argument',
      'expected a stream name of 1-128 letters, digits, "_", "." or "-"',
    )
  const header = request.headers['x-partition-key']
  const chosen =
    partitionKey !== undefined
      ? checkPartitionKey(partitionKey, 'partitionKey')
      : header !== undefined
        ? checkPartitionKey(utf8Of(header), 'X-Partition-Key')
        : undefined
  if (request.mediaType === 'application/json') {
    const records = splitJson(request.body, maxRecords).map(({ data, value }) => ({
      partitionKey: chosen ?? partitionKeyOf(value) ?? request.id,
      data,
    }))
    return { stream, records, skipped: 0 }
  }
  const { lines, skipped } = splitLines(request.body, maxRecords)
  const isJson = request.mediaType !== 'text/plain'
  const records = lines.map(
    (data): NewRecord => ({
      partitionKey: chosen ?? (isJson ? keyOfLine(data) : undefined) ?? request.id,
      data,
    }),
  )
  return { stream, records, skipped }
}

function keyOfLine(line: Buffer): string | undefined {
  if (line[0] !== 0x7b && line[0] !== 0x20) return undefined
  try {
    return partitionKeyOf(JSON.parse(line.toString('utf8')))
  } catch {
    return undefined
  }
}

/** Node reads a header's bytes as Latin-1; senders mean UTF-8. */
function utf8Of(header: string | string[]): string {
  return Buffer.from(String(header), 'latin1').toString('utf8')
}

/** 200, unless there were records and each was refused for what it is. */
function statusOfOutcome({ results, accepted }: PutOutcome): number {
  const refused = results.find((result) => !result.ok)
  return accepted > 0 || !refused ? 200 : statusOf(refused.error.code)
}

function summary(outcome: PutOutcome, request: DoorRequest): object {
  const { results, accepted, rejected, skipped } = outcome
  const counts = { accepted, rejected, skipped }
  const notStored = results.length - accepted - rejected
  const all = notStored > 0 ? { ...counts, notStored } : counts
  if (request.query.results === '1') return { ...all, records: results.map(toEntry) }
  const place = (result: PutResult | undefined) =>
    result?.ok
      ? formatCitation({ stream: outcome.stream, shard: result.shard, sequence: result.sequence })
      : null
  const ends = {
    first: place(results.find((result) => result.ok)),
    last: place(results.findLast((result) => result.ok)),
  }
  if (rejected === 0) return { ...all, ...ends }
  const errors = results
    .map((result, index) => ({ index, ...toEntry(result) }))
    .filter(({ index }) => !results[index]?.ok)
  return {
    ...all,
    ...ends,
    errors: errors.slice(0, maxListed),
    errorsListed: Math.min(errors.length, maxListed),
  }
}

function toEntry(result: PutResult): object {
  if (result.ok) return { shard: result.shard, sequence: String(result.sequence) }
  return { error: { code: result.error.code, message: result.error.message } }
}

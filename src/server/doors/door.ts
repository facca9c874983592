import type { IncomingHttpHeaders } from 'node:http'
import type { NewRecord } from '../../log/new-record.ts'
import type { PublicError } from '../describe-error.ts'
import type { PutOutcome } from './put-outcome.ts'

/** A request as a door sees it: its body is whole and decompressed. */
export interface DoorRequest {
  /** Unique; a partition key for what names no source of its own. */
  id: string
  params: Readonly<Record<string, string>>
  query: Readonly<Record<string, unknown>>
  headers: IncomingHttpHeaders
  mediaType: string
  body: Buffer
}

/** What a request asks to store. */
export interface DoorInput {
  stream: string
  records: NewRecord[]
  /** Entries that hold nothing, such as empty lines. */
  skipped: number
}

export interface DoorReply {
  status: number
  body: object
}

/**
 * An HTTP protocol through which records come in, without the HTTP: reading a body and wording a reply. What all doors
 * have in common (limits, decompression, back-pressure, waiting for the ack) is done around it by `openDoor`.
 */
export interface Door {
  /** For logs. */
  name: string
  /** Fastify's notation. The method is POST. */
  path: string
  /** Media types that `read` understands. Anything else is refused with status 415 and `hint`. */
  mediaTypes: readonly string[]
  /** What a sender of something else should do. */
  hint: string
  /** The records of a request. Fails with `invalid_argument` when the body is not what its type says: nothing is stored. */
  read(request: DoorRequest, limits: { maxRecords: number }): DoorInput
  /** The reply once every record is stored or refused for what it is. */
  reply(outcome: PutOutcome, request: DoorRequest): DoorReply
  /** The body for a request that failed, as this protocol words it; with the outcome when records were tried. */
  wordError(error: PublicError, outcome?: PutOutcome, request?: DoorRequest): object
}

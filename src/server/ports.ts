import type { Pool } from 'pg'
import type { Logger } from '../base/logger.ts'
import type { Citation } from '../log/citation.ts'
import type { Producer } from '../log/producer.ts'

/** A question, already checked. */
export interface AskInput {
  /** 1 to 2,000 characters, without blanks at its ends. */
  question: string
  /** Search this stream only. Default: all. */
  stream?: string
  /** What "now" means in the question. Default: the database's clock. */
  now?: Date
  /** The IANA time zone in which the question's times are meant. */
  timeZone?: string
  /** Aborts when the one who asked is gone or the server stops. */
  signal: AbortSignal
}

/** What can be told before the answer is whole: the plan, then the evidence, then the text piece by piece. */
export type AskEvent =
  | { type: 'plan'; data: object }
  | { type: 'evidence'; data: object }
  | { type: 'text'; data: { delta: string } }

/**
 * Answers a question. The answer (`text`, `citations` and whatever else it has) and the events' data go out as JSON as
 * they are: no bigint in them, citations are strings. Fails with a MillraceError.
 */
export type AskPort = (input: AskInput, onEvent?: (event: AskEvent) => void) => Promise<object>

export interface StatusReport {
  engine: string
  version: string
  streams: {
    name: string
    shards: number
    /** Null where counting would cost too much. */
    records: number | null
    /** Records not indexed yet; null when nothing indexes the stream. */
    lagRecords: number | null
  }[]
  /** Events that a question can find. */
  indexed: number
  /** The model that writes the answers; null when they are extracts. */
  answerModel: string | null
  embeddingModel: string
}

/** One record near a cited one, as a person reads it. */
export interface NeighbourRecord {
  /** `stream/shard/sequence` */
  citation: string
  at: Date
  service: string | null
  /** A word such as `warn`. */
  severity: string | null
  /** The redacted text. */
  text: string
  isTarget: boolean
}

/** The cited record with up to `around` records before and after it, in their order. Fails with `not_found`. */
export type NeighboursPort = (citation: Citation, around: number) => Promise<NeighbourRecord[]>

/** What the server stands on; whoever starts it composes and closes these. */
export interface ServerDeps {
  /** For the health check alone. */
  pool: Pool
  logger: Logger
  producer: Producer
  ask: AskPort
  status: () => Promise<StatusReport>
  neighbours: NeighboursPort
  /** The folder of index.html, page.js and page.css. */
  webDir: string
}

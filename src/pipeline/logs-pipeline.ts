import type { Pool } from 'pg'
import { embedPatterns, type PatternEmbedder } from '../knowledge/embed-patterns.ts'
import { createEventSegments, type Event, insertEvents } from '../knowledge/insert-events.ts'
import { maskBody } from '../knowledge/mask.ts'
import { createPatternMatcher } from '../knowledge/match-patterns.ts'
import type { LogRecord } from '../log/read-records.ts'
import type { Pipeline } from './pipeline.ts'
import { readRedactionSalt } from './redaction-salt.ts'
import { createTimeKeeper } from './steps/inherit-time.ts'
import { type ParsedEvent, parseRecord } from './steps/parse.ts'
import { redactEvent } from './steps/redact.ts'
import { termsOf } from './steps/terms.ts'

/** The pipeline's name: its checkpoints are stored under it. */
export const logsPipelineName = 'logs'

/**
 * The built-in pipeline: parse -> redact -> pattern -> embed -> index, over every stream.
 *
 * What cannot be parsed is kept whole and marked: no step drops a line. Redaction comes before anything is stored,
 * embedded or compared. Patterns and their vectors are committed before the
 * batch: they are the same whoever makes them, so a batch that runs again finds them. The events are the batch's own
 * effect and commit with its checkpoint.
 */
export function createLogsPipeline(deps: {
  pool: Pool
  embedder: PatternEmbedder
  modelId: number
}): Pipeline {
  const matcher = createPatternMatcher(deps)
  const ensureEventSegments = createEventSegments(deps)
  const keepTime = createTimeKeeper()
  /** Patterns whose vectors may be missing; a batch waits with them through an outage of the provider. */
  const unembedded = new Set<number>()
  let salt: string | undefined
  return {
    name: logsPipelineName,
    streams: 'all',
    process: async (batch, { signal }) => {
      salt ??= await readRedactionSalt(deps)
      const redaction = { salt }
      const lines = batch.records.map((record) => {
        const source = `${batch.shardId}/${record.partitionKey}`
        const event = keepTime({ source, arrivedAt: record.arrivedAt, event: parseRecord(record) })
        return prepare(record, redactEvent(event, redaction).event)
      })
      const { patternIds, met } = await matcher.match(lines)
      for (const id of met) unembedded.add(id)
      if (unembedded.size > 0) {
        const patternIds = [...unembedded]
        await embedPatterns(deps, { patternIds, limit: patternIds.length, signal })
        for (const id of patternIds) unembedded.delete(id)
      }
      const events: Event[] = lines.map((line, index) => ({
        ...line,
        patternId: patternIds[index] ?? 0,
      }))
      const [first, last] = [batch.records[0], batch.records.at(-1)]
      if (first && last) await ensureEventSegments(first.sequence, last.sequence)
      return (client) => insertEvents(client, batch.shardId, events)
    },
  }
}

/** A redacted event as it is matched and stored, with the terms it is found by. */
function prepare(record: LogRecord, event: ParsedEvent) {
  const { shape, terms } = maskBody(event.body)
  const attributes =
    event.marks.length > 0 ? { ...event.attributes, marks: event.marks } : event.attributes
  return {
    sequence: record.sequence,
    at: event.at,
    severity: event.severity,
    service: event.service ?? '',
    host: event.host,
    pod: event.pod,
    traceId: event.traceId,
    body: event.body,
    attributes: Object.keys(attributes).length > 0 ? JSON.stringify(attributes) : null,
    terms: termsOf(event, terms),
    shape,
    example: event.body,
  }
}

import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { findEventsAround } from '../knowledge/search-events.ts'
import { severityName } from '../knowledge/severity.ts'
import { type Citation, formatCitation } from '../log/citation.ts'
import { describeStream, shardOf } from '../log/describe-stream.ts'

/** An event near a cited one, redacted, as a person reads it. */
export interface Neighbour {
  /** `stream/shard/sequence` */
  citation: string
  at: Date
  service: string | null
  /** A word such as `warn`; null when the line has none. */
  severity: string | null
  text: string
  isTarget: boolean
}

/**
 * The cited event with up to `around` events before and after it in its shard, in their order.
 * Fails with `not_found` when there is no such event (or it is not indexed yet).
 */
export async function neighbours(
  deps: { pool: Pool },
  citation: Citation,
  around: number,
): Promise<Neighbour[]> {
  const stream = await describeStream(deps, citation.stream)
  const shard = shardOf(stream, citation.shard)
  const { sequence } = citation
  const events = await findEventsAround(deps, {
    shardId: shard.id,
    sequence,
    before: around,
    after: around,
  })
  if (!events.some((event) => event.citation.sequence === sequence))
    throw new MillraceError('not_found', `no event ${formatCitation(citation)}`, {
      details: { citation: formatCitation(citation) },
    })
  return events.map((event) => ({
    citation: formatCitation(event.citation),
    at: event.at,
    service: event.service === '' ? null : event.service,
    severity: severityName(event.severity)?.toLowerCase() ?? null,
    text: event.text,
    isTarget: event.citation.sequence === sequence,
  }))
}

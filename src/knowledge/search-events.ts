import type { Pool } from 'pg'
import type { EvidenceItem, SearchFilters } from './evidence.ts'
import { bindTo, eventInScope } from './search-scope.ts'

/** An event with its citation, as it is stored. */
export type FoundEvent = Omit<EvidenceItem, 'count' | 'first' | 'last' | 'score' | 'legs'>

interface EventRow {
  stream: string
  shard: number
  seq: string
  at: Date
  severity: number
  service: string
  host: string | null
  pod: string | null
  trace_id: string | null
  body: string
  pattern_id: number
}

const eventColumns = `
       e.shard_id, e.seq, e.at, e.severity, e.service, e.host, e.pod, e.trace_id, e.body, e.pattern_id`

/** Adds stream and shard number to the events that `inner` selects; the join is made after its limit. */
function withPlaces(inner: string, order: string): string {
  return `
    select st.name as stream, sh.number as shard, found.seq, found.at, found.severity, found.service,
           found.host, found.pod, found.trace_id, found.body, found.pattern_id
      from (${inner}) as found
      join millrace.shard sh on sh.id = found.shard_id
      join millrace.stream st on st.id = sh.stream_id
     order by ${order}`
}

function toEvent(row: EventRow): FoundEvent {
  return {
    citation: { stream: row.stream, shard: row.shard, sequence: BigInt(row.seq) },
    at: row.at,
    severity: row.severity,
    service: row.service,
    host: row.host,
    pod: row.pod,
    traceId: row.trace_id,
    text: row.body,
    patternId: row.pattern_id,
  }
}

/** Events that hold every one of `terms` (exact but for case) inside the filters, oldest first. Uses the GIN index. */
export async function findEventsByTerms(
  deps: { pool: Pool },
  input: { terms: readonly string[]; filters: SearchFilters },
  options: { limit: number },
): Promise<FoundEvent[]> {
  const values: unknown[] = [input.terms.map((term) => term.toLowerCase()), options.limit]
  const { rows } = await deps.pool.query<EventRow>(
    withPlaces(
      `select ${eventColumns}
         from millrace.event e
        where ${eventInScope(input.filters, bindTo(values))}
          and e.terms @> $1::text[]
        order by e.at, e.seq
        limit $2`,
      'found.at, found.seq',
    ),
    values,
  )
  return rows.map(toEvent)
}

/** Up to `limit` events of each pattern inside the filters, newest first within a pattern. */
export async function findEventsByPattern(
  deps: { pool: Pool },
  input: { patternIds: readonly number[]; filters: SearchFilters },
  options: { limit: number; order?: 'newest' | 'oldest' },
): Promise<FoundEvent[]> {
  const direction = options.order === 'oldest' ? 'asc' : 'desc'
  const values: unknown[] = [input.patternIds, options.limit]
  const { rows } = await deps.pool.query<EventRow>(
    withPlaces(
      `select sample.*
         from unnest($1::int[]) as wanted (pattern_id)
        cross join lateral (
              select ${eventColumns}
                from millrace.event e
               where e.pattern_id = wanted.pattern_id
                 and ${eventInScope(input.filters, bindTo(values))}
               order by e.at ${direction}, e.seq ${direction}
               limit $2) as sample`,
      `found.pattern_id, found.at ${direction}, found.seq ${direction}`,
    ),
    values,
  )
  return rows.map(toEvent)
}

/** An event with the `before` events ahead of it and the `after` behind it in its shard, in their order. */
export async function findEventsAround(
  deps: { pool: Pool },
  place: { shardId: number; sequence: bigint; before: number; after: number },
): Promise<FoundEvent[]> {
  const { rows } = await deps.pool.query<EventRow>(
    withPlaces(
      `(select ${eventColumns} from millrace.event e
         where e.shard_id = $1 and e.seq < $2 order by e.seq desc limit $3)
       union all
       (select ${eventColumns} from millrace.event e
         where e.shard_id = $1 and e.seq >= $2 order by e.seq limit $4 + 1)`,
      'found.seq',
    ),
    [place.shardId, String(place.sequence), place.before, place.after],
  )
  return rows.map(toEvent)
}

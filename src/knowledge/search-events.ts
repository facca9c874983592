import type { Pool } from 'pg'
import type { EvidenceItem, SearchFilters } from './evidence.ts'
import { bindTo, eventInScope } from './search-scope.ts'

/** An event with its citation, as it is stored. */
export type FoundEvent = Omit<EvidenceItem, 'count' | 'first' | 'last' | 'score' | 'legs'>

/**
 * The events that the SQL `inner` selects from millrace.event (`e.*` or eventColumns), with their stream and shard.
 * `order` sorts `found`.
 */
export async function findEvents(
  deps: { pool: Pool },
  { inner, order, values }: { inner: string; order: string; values: unknown[] },
): Promise<FoundEvent[]> {
  const { rows } = await deps.pool.query<EventRow>(withPlaces(inner, order), values)
  return rows.map(toEvent)
}

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
  const inner = `
       select ${eventColumns}
         from millrace.event e
        where ${eventInScope(input.filters, bindTo(values))}
          and e.terms @> $1::text[]
        order by e.at, e.seq
        limit $2`
  return findEvents(deps, { inner, order: 'found.at, found.seq', values })
}

/** Up to `limit` events of each pattern inside the filters, newest first within a pattern. */
export async function findEventsByPattern(
  deps: { pool: Pool },
  input: { patternIds: readonly number[]; filters: SearchFilters },
  options: { limit: number; order?: 'newest' | 'oldest' },
): Promise<FoundEvent[]> {
  const direction = options.order === 'oldest' ? 'asc' : 'desc'
  const values: unknown[] = [input.patternIds, options.limit]
  const inner = `
       select sample.*
         from unnest($1::int[]) as wanted (pattern_id)
        cross join lateral (
              select ${eventColumns}
                from millrace.event e
               where e.pattern_id = wanted.pattern_id
                 and ${eventInScope(input.filters, bindTo(values))}
               order by e.at ${direction}, e.seq ${direction}
               limit $2) as sample`
  const order = `found.pattern_id, found.at ${direction}, found.seq ${direction}`
  return findEvents(deps, { inner, order, values })
}

/** An event with the `before` events ahead of it and the `after` behind it in its shard, in their order. */
export async function findEventsAround(
  deps: { pool: Pool },
  place: { shardId: number; sequence: bigint; before: number; after: number },
): Promise<FoundEvent[]> {
  const inner = `
       (select ${eventColumns} from millrace.event e
         where e.shard_id = $1 and e.seq < $2 order by e.seq desc limit $3)
       union all
       (select ${eventColumns} from millrace.event e
         where e.shard_id = $1 and e.seq >= $2 order by e.seq limit $4 + 1)`
  const values = [place.shardId, String(place.sequence), place.before, place.after]
  return findEvents(deps, { inner, order: 'found.seq', values })
}

import type { Pool } from 'pg'
import type { Citation } from '../log/citation.ts'
import { type FoundEvent, findEvents, findEventsAround } from './search-events.ts'
import { type Bind, bindTo } from './search-scope.ts'

/** Events that tell one story with a found one, in the order of their times. */
export interface EventUnit {
  /**
   * `trace`: every event of its trace. `window`: what the same pod, host or service said around a warning or an error.
   * `shard`: the records before and after it in its shard.
   */
  kind: 'trace' | 'window' | 'shard'
  /** What they share, as `trace 4bf92f35` or `pod payments-7c9, 15 s before and after`. */
  label: string
  events: FoundEvent[]
}

export interface FindUnitOptions {
  /** Most events before the found one, and most after it. */
  around: number
  /** How far a window reaches to either side. Default 15,000 ms. */
  windowMs?: number
}

const warn = 13

/**
 * The unit that an event belongs to: its trace, where it has one with others; around a warning or an error what its origin
 * said; else its neighbours in the shard, which is what a file or a sender wrote next to it.
 *
 * Reads: event, by its term index (a trace), by (at) within the window, or by its primary key.
 */
export async function findUnit(
  deps: { pool: Pool },
  event: FoundEvent,
  options: FindUnitOptions,
): Promise<EventUnit> {
  const { around, windowMs = 15_000 } = options
  if (event.traceId !== null) {
    const { traceId } = event
    const events = await aroundInTime(deps, event, around, (bind) => [
      `e.terms @> array[${bind(traceId.toLowerCase())}::text]`,
      `e.trace_id = ${bind(traceId)}`,
    ])
    if (events.length > 1) return { kind: 'trace', label: `trace ${traceId}`, events }
  }
  const origin = originOf(event)
  if (event.severity >= warn && origin) {
    const from = new Date(event.at.getTime() - windowMs)
    const to = new Date(event.at.getTime() + windowMs)
    const events = await aroundInTime(deps, event, around, (bind) => [
      `e.at between ${bind(from)}::timestamptz and ${bind(to)}::timestamptz`,
      `e.${origin.column} = ${bind(origin.value)}`,
    ])
    const label = `${origin.column} ${origin.value}, ${windowMs / 1000} s before and after`
    return { kind: 'window', label, events }
  }
  const { citation } = event
  const shardId = await findShardId(deps, citation)
  const place = { shardId, sequence: citation.sequence, before: around, after: around }
  const label = `shard ${citation.stream}/${citation.shard}`
  return { kind: 'shard', label, events: await findEventsAround(deps, place) }
}

async function findShardId(deps: { pool: Pool }, citation: Citation): Promise<number> {
  const { rows } = await deps.pool.query<{ id: number }>(
    `select sh.id
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where st.name = $1
        and sh.number = $2`,
    [citation.stream, citation.shard],
  )
  return rows[0]?.id ?? 0
}

/** The narrowest origin that the event names. */
function originOf(event: FoundEvent): { column: 'pod' | 'host' | 'service'; value: string } | null {
  if (event.pod) return { column: 'pod', value: event.pod }
  if (event.service !== '') return { column: 'service', value: event.service }
  return event.host ? { column: 'host', value: event.host } : null
}

/** The events for which all conditions hold, nearest to `event` in time on either side, and itself. */
function aroundInTime(
  deps: { pool: Pool },
  event: FoundEvent,
  around: number,
  conditions: (bind: Bind) => string[],
): Promise<FoundEvent[]> {
  const values: unknown[] = []
  const bind = bindTo(values)
  const where = conditions(bind).join(' and ')
  const at = bind(event.at)
  const sequence = bind(String(event.citation.sequence))
  const side = (comparison: string, direction: string, limit: number) => `
       (select e.*
          from millrace.event e
         where ${where}
           and (e.at, e.seq) ${comparison} (${at}::timestamptz, ${sequence}::bigint)
         order by e.at ${direction}, e.seq ${direction}
         limit ${bind(limit)})`
  return findEvents(deps, {
    inner: `${side('<', 'desc', around)}
       union all${side('>=', 'asc', around + 1)}`,
    order: 'found.at, found.seq',
    values,
  })
}

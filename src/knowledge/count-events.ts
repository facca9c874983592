import type { Pool } from 'pg'
import type { SearchFilters } from './evidence.ts'
import { eventInScope, scopeValues } from './search-scope.ts'

export interface PatternCount {
  patternId: number
  service: string
  severity: number
  template: string
  count: number
  first: Date
  last: Date
}

/** How often each of these patterns occurs inside the filters; those that do not are left out. */
export async function countByPattern(
  deps: { pool: Pool },
  input: { patternIds: readonly number[]; filters: SearchFilters },
): Promise<PatternCount[]> {
  const { rows } = await deps.pool.query<PatternCount>(
    `select p.id as "patternId", p.service, p.severity, p.template,
            seen.count, seen.first, seen.last
       from millrace.pattern p
      cross join lateral (
            select count(*)::int as count, min(e.at) as first, max(e.at) as last
              from millrace.event e
             where e.pattern_id = p.id
               and ${eventInScope}) as seen
      where p.id = any($6::int[])
        and seen.count > 0
      order by seen.count desc, p.id`,
    [...scopeValues(input.filters), input.patternIds],
  )
  return rows
}

/**
 * Counts, by pattern, the events inside the filters that hold every one of `words`: as a word of the pattern (stemmed) or
 * as a term of their own. No words: every event inside the filters.
 *
 * Reads: pattern through its GIN index once a word; event by its pattern and term indexes. Exact: nothing is sampled.
 */
export async function countByWords(
  deps: { pool: Pool },
  input: { words: readonly string[]; filters: SearchFilters },
): Promise<PatternCount[]> {
  const conditions = input.words.map(
    (_, index) => `
            and (e.pattern_id = any(array(
                  select w.id
                    from millrace.pattern w
                   where w.search @@ plainto_tsquery('millrace.log', $${index + 6})))
                 or e.terms @> array[$${index + 6}::text])`,
  )
  const { rows } = await deps.pool.query<PatternCount>(
    `select p.id as "patternId", p.service, p.severity, p.template,
            seen.count, seen.first, seen.last
       from (select e.pattern_id, count(*)::int as count, min(e.at) as first, max(e.at) as last
               from millrace.event e
              where ${eventInScope}${conditions.join('')}
              group by e.pattern_id) as seen
       join millrace.pattern p on p.id = seen.pattern_id
      order by seen.count desc, p.id`,
    [...scopeValues(input.filters), ...input.words],
  )
  return rows
}

/** How many events inside the filters hold each term (exact but for case). Uses the GIN index. */
export async function countByTerm(
  deps: { pool: Pool },
  input: { terms: readonly string[]; filters: SearchFilters },
): Promise<{ value: string; events: number }[]> {
  if (input.terms.length === 0) return []
  const { rows } = await deps.pool.query<{ value: string; events: number }>(
    `select wanted.value, seen.events
       from unnest($6::text[], $7::text[]) with ordinality as wanted (value, term, place)
      cross join lateral (
            select count(*)::int as events
              from millrace.event e
             where ${eventInScope}
               and e.terms @> array[wanted.term]) as seen
      order by wanted.place`,
    [...scopeValues(input.filters), input.terms, input.terms.map((term) => term.toLowerCase())],
  )
  return rows
}

export interface ScopeSummary {
  events: number
  patterns: number
  first: Date | null
  last: Date | null
}

/** What there is inside the filters, whatever its words. */
export async function summariseScope(
  deps: { pool: Pool },
  filters: SearchFilters,
): Promise<ScopeSummary> {
  const { rows } = await deps.pool.query<ScopeSummary>(
    `select coalesce(sum(seen.events), 0)::int as events,
            count(*)::int as patterns,
            min(seen.first) as first,
            max(seen.last) as last
       from (select count(*) as events, min(e.at) as first, max(e.at) as last
               from millrace.event e
              where ${eventInScope}
              group by e.pattern_id) as seen`,
    scopeValues(filters),
  )
  return rows[0] ?? { events: 0, patterns: 0, first: null, last: null }
}

/** The first and last event of these streams (empty: of all), whatever they are; null where there is none. */
export async function findExtent(
  deps: { pool: Pool },
  streams: readonly string[],
): Promise<{ first: Date | null; last: Date | null }> {
  const end = (direction: 'asc' | 'desc') => `
    (select e.at
       from millrace.event e
      where $1::text[] is null
         or e.shard_id = any(array(
              select sh.id
                from millrace.shard sh
                join millrace.stream st on st.id = sh.stream_id
               where st.name = any($1)))
      order by e.at ${direction}
      limit 1)`
  const { rows } = await deps.pool.query<{ first: Date | null; last: Date | null }>(
    `select ${end('asc')} as first, ${end('desc')} as last`,
    [streams.length > 0 ? streams : null],
  )
  return rows[0] ?? { first: null, last: null }
}

import type { Pool } from 'pg'
import { countedEvents } from './counted-events.ts'
import type { SearchFilters } from './evidence.ts'
import { type Bind, bindTo, eventInScope, inStreams, patternAllowed } from './search-scope.ts'

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
  if (input.patternIds.length === 0) return []
  const values: unknown[] = []
  const bind = bindTo(values)
  const ids = `any(${bind(input.patternIds)}::int[])`
  const counted = `
             select *
               from (${countedEvents(input.filters, bind)}) as counted
              where counted.pattern_id = ${ids}`
  return countPatterns(deps, { counted, filters: input.filters, bind, values })
}

/**
 * Counts, by pattern, the events inside the filters that hold every one of `words`: as a word of the pattern (stemmed) or
 * as a term of their own. No words: every event inside the filters.
 *
 * A pattern that holds all the words counts whole. Events of the others hold the words that their pattern lacks as terms:
 * they are looked up once for each set of words that patterns lack. One condition for all, "of these patterns or with
 * this term", would be a scan of all events (240 ms at 1 M).
 *
 * Reads: pattern through its GIN index once a word; event_count (see countedEvents); event by its term index. Exact:
 * nothing is sampled.
 */
export async function countByWords(
  deps: { pool: Pool },
  input: {
    words: readonly string[]
    filters: SearchFilters
    /** Regular expressions that the body matches, each; reads the bodies of all events that hold the words. */
    bodies?: readonly string[]
    /** Of these patterns alone. */
    patternIds?: readonly number[]
  },
): Promise<PatternCount[]> {
  const { filters, bodies = [], patternIds } = input
  const words = [...new Set(input.words)]
  const values: unknown[] = []
  const bind = bindTo(values)
  if (words.length === 0 && bodies.length === 0)
    return countPatterns(deps, { counted: countedEvents(filters, bind), filters, bind, values })
  const holding = await patternsByWords(deps, words)
  const withTerms = (terms: readonly string[], ofPatterns: string) => `
             select e.pattern_id, 1 as events, e.at as first_at, e.at as last_at
               from millrace.event e
              where ${eventInScope(filters, bind)}
                ${terms.length > 0 ? `and e.terms @> ${bind(terms)}::text[]` : ''}
                ${bodies.map((body) => `and e.body ~ ${bind(body)}`).join(' ')}
                ${patternIds ? `and e.pattern_id = any(${bind(patternIds)}::int[])` : ''}
                and e.pattern_id ${ofPatterns}`
  const parts = holding.map(({ ids, lacking }) =>
    lacking.length > 0 || bodies.length > 0
      ? withTerms(lacking, `= any(${bind(ids)}::int[])`)
      : `
             select *
               from (${countedEvents(filters, bind)}) as counted
              where counted.pattern_id = any(${bind(ids)}::int[])`,
  )
  // The patterns that hold none of the words.
  parts.push(withTerms(words, `<> all(${bind(holding.flatMap(({ ids }) => ids))}::int[])`))
  return countPatterns(deps, { counted: parts.join('\n  union all'), filters, bind, values })
}

/** The patterns that hold at least one of the words, by those that they lack. */
async function patternsByWords(
  deps: { pool: Pool },
  words: readonly string[],
): Promise<{ ids: number[]; lacking: string[] }[]> {
  const { rows } = await deps.pool.query<{ ids: number[]; held: string[] }>(
    `select array_agg(id) as ids, held
       from (select p.id, array_agg(asked.word order by asked.word) as held
               from unnest($1::text[]) as asked (word)
               join millrace.pattern p on p.search @@ plainto_tsquery('millrace.log', asked.word)
              group by p.id) as holding
      group by held`,
    [words],
  )
  return rows.map(({ ids, held }) => ({
    ids,
    lacking: words.filter((word) => !held.includes(word)),
  }))
}

/** The sums of what `counted` yields (see countedEvents), by pattern, of the patterns that the filters allow. */
async function countPatterns(
  deps: { pool: Pool },
  statement: {
    counted: string
    filters: SearchFilters
    bind: Bind
    values: readonly unknown[]
  },
): Promise<PatternCount[]> {
  const { counted, filters, bind, values } = statement
  const text = `select p.id as "patternId", p.service, p.severity, p.template,
            seen.count, seen.first, seen.last
       from (select pattern_id, sum(events)::int as count, min(first_at) as first, max(last_at) as last
               from (${counted}) as counted
              group by pattern_id) as seen
       join millrace.pattern p on p.id = seen.pattern_id
      where ${patternAllowed(filters, bind)}
      order by seen.count desc, p.id`
  const { rows } = await deps.pool.query<PatternCount>(text, [...values])
  return rows
}

/**
 * How many events inside the filters hold each term (exact but for case), counted up to `atMost`: whether there are any at
 * all is known from the first. Uses the GIN index.
 */
export async function countByTerm(
  deps: { pool: Pool },
  input: { terms: readonly string[]; filters: SearchFilters },
  options: { atMost?: number } = {},
): Promise<{ value: string; events: number }[]> {
  const { terms, filters } = input
  if (terms.length === 0) return []
  const values: unknown[] = [terms, terms.map((term) => term.toLowerCase())]
  const bind = bindTo(values)
  const held = `
                    select
                      from millrace.event e
                     where ${eventInScope(filters, bind)}
                       and e.terms @> array[wanted.term]`
  // Read only as far as it is asked for, but planned as if for all: for one row a planner would scan the table instead.
  const counted =
    options.atMost === undefined
      ? `select count(*)::int as events
              from (${held}) as held`
      : `with held as materialized (${held})
            select count(*)::int as events
              from (select from held limit ${bind(options.atMost)}) as few`
  const { rows } = await deps.pool.query<{ value: string; events: number }>(
    `select wanted.value, seen.events
       from unnest($1::text[], $2::text[]) with ordinality as wanted (value, term, place)
      cross join lateral (
            ${counted}) as seen
      order by wanted.place`,
    values,
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
  const values: unknown[] = []
  const bind = bindTo(values)
  const isAnyPattern = filters.services.length === 0 && filters.minSeverity <= 0
  const { rows } = await deps.pool.query<ScopeSummary>(
    `select coalesce(sum(seen.events), 0)::int as events,
            count(*)::int as patterns,
            min(seen.first) as first,
            max(seen.last) as last
       from (select pattern_id, sum(events) as events, min(first_at) as first, max(last_at) as last
               from (${countedEvents(filters, bind)}) as counted
              group by pattern_id) as seen
      where ${isAnyPattern ? 'true' : `exists (select from millrace.pattern p where p.id = seen.pattern_id and ${patternAllowed(filters, bind)})`}`,
    values,
  )
  return rows[0] ?? { events: 0, patterns: 0, first: null, last: null }
}

/** What these counts, of all patterns inside the filters, say of the whole. */
export function summariseCounts(counts: readonly PatternCount[]): ScopeSummary {
  const summary: ScopeSummary = { events: 0, patterns: counts.length, first: null, last: null }
  for (const { count, first, last } of counts) {
    summary.events += count
    if (summary.first === null || first < summary.first) summary.first = first
    if (summary.last === null || last > summary.last) summary.last = last
  }
  return summary
}

/**
 * The first and last event of these streams (empty: of all), whatever they are; null where there is none.
 *
 * Reads: event_count by (minute), its first and last minute.
 */
export async function findExtent(
  deps: { pool: Pool },
  streams: readonly string[],
): Promise<{ first: Date | null; last: Date | null }> {
  const values: unknown[] = []
  const within = streams.length > 0 ? inStreams('c', streams, bindTo(values)) : 'true'
  const end = (column: string, direction: 'asc' | 'desc') => `
    (select c.${column}
       from millrace.event_count c
      where ${within}
      order by c.minute ${direction}, c.${column} ${direction}
      limit 1)`
  const { rows } = await deps.pool.query<{ first: Date | null; last: Date | null }>(
    `select ${end('first_at', 'asc')} as first, ${end('last_at', 'desc')} as last`,
    values,
  )
  return rows[0] ?? { first: null, last: null }
}

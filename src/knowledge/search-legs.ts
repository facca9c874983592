import type { Pool } from 'pg'
import { toSql } from 'pgvector'
import { transaction } from '../db/transaction.ts'
import { type PatternScope, patternInScope } from './counted-events.ts'
import type { NearMeaning } from './meanings.ts'
import { bindTo } from './search-scope.ts'

export interface PatternHit {
  patternId: number
  /** OTel severity number of the pattern. */
  severity: number
  /** 0 to 1, comparable within a leg only. */
  score: number
}

/**
 * The patterns nearest in meaning, by cosine, among those of one model with an event inside the filters.
 *
 * Reads: pattern_embedding through the model's HNSW index (bare distance, ascending, as pgvector needs it), pattern,
 * event_count. The iterative scan goes on until enough of them pass the filters; without it a narrow filter returns nothing.
 */
export async function searchByVector(
  deps: { pool: Pool },
  input: {
    model: { id: number; dimensions: number }
    vector: Float32Array
  } & PatternScope,
  options: { limit: number },
): Promise<PatternHit[]> {
  const { id, dimensions } = input.model
  const values: unknown[] = [toSql(Array.from(input.vector)), options.limit]
  const inScope = patternInScope(input, bindTo(values))
  return transaction(deps.pool, async (client) => {
    await client.query(
      'set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = 100',
    )
    const { rows } = await client.query<PatternHit & { distance: number }>(
      `select v.pattern_id as "patternId",
              p.severity,
              v.embedding::halfvec(${dimensions}) <=> $1::halfvec(${dimensions}) as distance
         from millrace.pattern_embedding v
         join millrace.pattern p on p.id = v.pattern_id
        where v.model_id = ${id}
          and ${inScope}
        order by v.embedding::halfvec(${dimensions}) <=> $1::halfvec(${dimensions})
        limit $2`,
      values,
    )
    return rows
      .map(({ patternId, severity, distance }) => ({
        patternId,
        severity,
        score: Math.max(0, 1 - distance),
      }))
      .sort((a, b) => b.score - a.score)
  })
}

/** How near these patterns are, by cosine, wherever the index would have them. Those without a vector are left out. */
export async function scoreByVector(
  deps: { pool: Pool },
  input: {
    model: { id: number; dimensions: number }
    vector: Float32Array
    patternIds: readonly number[]
  },
): Promise<Map<number, number>> {
  if (input.patternIds.length === 0) return new Map()
  const { id, dimensions } = input.model
  const { rows } = await deps.pool.query<{ patternId: number; distance: number }>(
    `select v.pattern_id as "patternId",
            v.embedding::halfvec(${dimensions}) <=> $1::halfvec(${dimensions}) as distance
       from millrace.pattern_embedding v
      where v.model_id = ${id}
        and v.pattern_id = any($2::int[])`,
    [toSql(Array.from(input.vector)), input.patternIds],
  )
  return new Map(rows.map((row) => [row.patternId, Math.max(0, 1 - row.distance)]))
}

/**
 * The patterns that report, in the words of the logs, what the question says in plain ones: those that hold a phrase of one
 * of these entries of the glossary. The score is the nearest such entry's.
 *
 * Reads: pattern through its GIN index once a phrase, event_count.
 */
export async function searchByMeaning(
  deps: { pool: Pool },
  input: { meanings: readonly NearMeaning[] } & PatternScope,
  options: { limit: number },
): Promise<PatternHit[]> {
  const phrases = input.meanings.flatMap(({ entry, score }) =>
    entry.logged.map((phrase) => ({ phrase, score })),
  )
  const values: unknown[] = [
    phrases.map(({ phrase }) => phrase),
    phrases.map(({ score }) => score),
    options.limit,
  ]
  const inScope = patternInScope(input, bindTo(values))
  const { rows } = await deps.pool.query<PatternHit>(
    `with meant as materialized (
       select p.id, max(asked.score) as score
         from unnest($1::text[], $2::float8[]) as asked (phrase, score)
         join millrace.pattern p on p.search @@ phraseto_tsquery('millrace.log', asked.phrase)
        group by p.id
     )
     select p.id as "patternId", p.severity, meant.score
       from meant
       join millrace.pattern p on p.id = meant.id
      where ${inScope}
      order by meant.score desc, p.id
      limit $3`,
    values,
  )
  return rows
}

/**
 * The patterns that share the rarest words with the question, inside the filters. The score is the share of the
 * question's own weight (inverse document frequency over patterns) that a pattern covers, so it is small when only
 * common words are shared, however many patterns share them.
 *
 * Reads: pattern through its GIN index, event_count.
 */
export async function searchByWords(
  deps: { pool: Pool },
  input: { words: string } & PatternScope,
  options: { limit: number },
): Promise<PatternHit[]> {
  const values: unknown[] = [input.words, options.limit]
  const inScope = patternInScope(input, bindTo(values))
  const { rows } = await deps.pool.query<PatternHit>(
    `with asked as (
       select lexeme from unnest(to_tsvector('millrace.log', $1))
     ),
     total as (
       select count(*)::float8 as patterns from millrace.pattern
     ),
     weighted as (
       select asked.lexeme,
              to_tsquery('simple', quote_literal(asked.lexeme)) as query,
              ln(1 + (total.patterns - found.count + 0.5) / (found.count + 0.5)) as weight
         from asked
        cross join total
        cross join lateral (
              select count(*)::float8
                from millrace.pattern p
               where p.search @@ to_tsquery('simple', quote_literal(asked.lexeme))) as found (count)
     )
     select p.id as "patternId",
            p.severity,
            sum(weighted.weight) / (select sum(weight) from weighted) as score
       from weighted
       join millrace.pattern p on p.search @@ weighted.query
      where ${inScope}
      group by p.id
      order by score desc, p.id
      limit $2`,
    values,
  )
  return rows
}

/** Those of `words` that stand in no pattern, as they are or stemmed. */
export async function wordsOfNoPattern(
  deps: { pool: Pool },
  words: readonly string[],
): Promise<string[]> {
  if (words.length === 0) return []
  const { rows } = await deps.pool.query<{ word: string }>(
    `select asked.word
       from unnest($1::text[]) as asked (word)
      where not exists (
            select
              from millrace.pattern p
             where p.search @@ plainto_tsquery('millrace.log', asked.word))`,
    [words],
  )
  return rows.map((row) => row.word)
}

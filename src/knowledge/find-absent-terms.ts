import type { Pool } from 'pg'
import { type PatternScope, patternInScope } from './counted-events.ts'
import { glossary } from './glossary.ts'
import { bindTo } from './search-scope.ts'
import { wordsOf } from './words.ts'

/**
 * The technical terms of a text (`deadlock`, `out of memory`) of which no event inside the filters reports the like: neither
 * the term itself nor any phrase of its entry in the glossary. What a question asks about by such a term did not happen there.
 *
 * Reads: pattern through its GIN index once a phrase, event_count.
 */
export async function findAbsentTerms(
  deps: { pool: Pool },
  { text, ...scope }: { text: string } & PatternScope,
): Promise<string[]> {
  const said = ` ${wordsOf(text).join(' ')} `
  const named = glossary.flatMap(({ terms, logged }) => {
    const term = terms.find((one) => said.includes(` ${one} `) || said.includes(` ${one}s `))
    return term === undefined ? [] : [{ term, phrases: [...terms, ...logged] }]
  })
  if (named.length === 0) return []
  const values: unknown[] = [
    named.flatMap(({ term, phrases }) => phrases.map(() => term)),
    named.flatMap(({ phrases }) => phrases),
  ]
  const inScope = patternInScope(scope, bindTo(values))
  const { rows } = await deps.pool.query<{ term: string }>(
    `with held as materialized (
       select asked.term, p.id
         from unnest($1::text[], $2::text[]) as asked (term, phrase)
         join millrace.pattern p on p.search @@ phraseto_tsquery('millrace.log', asked.phrase)
        group by asked.term, p.id
     )
     select distinct held.term
       from held
       join millrace.pattern p on p.id = held.id
      where ${inScope}`,
    values,
  )
  const held = new Set(rows.map((row) => row.term))
  return named.map(({ term }) => term).filter((term) => !held.has(term))
}

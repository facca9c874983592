import type { Pool } from 'pg'
import { patternText } from '../../../src/knowledge/pattern-text.ts'
import { secretHost } from '../notes.ts'
import { isVectorOf } from '../text-vector.ts'

/** What is wrong with the events, patterns and vectors of the logs pipeline; all are 0 in a run without a fault. */
export interface KnowledgeCount {
  patterns: number
  /** Events that say a secret. */
  secrets: number
  /** Patterns, shards and minutes whose count is not that of their events. */
  wrongCounts: number
  eventsWithoutPattern: number
  /** Patterns without the vector of their newest version, or with another text's. */
  wrongVectors: number
}

export async function countKnowledge(pool: Pool): Promise<KnowledgeCount> {
  const { rows } = await pool.query<Record<Exclude<keyof KnowledgeCount, 'wrongVectors'>, string>>(
    `with counted as (
       select pattern_id, shard_id, date_trunc('minute', at, 'UTC') as minute, count(*) as events
         from millrace.event
        group by 1, 2, 3)
     select (select count(*) from millrace.pattern) as "patterns",
            (select count(*) from millrace.event e
              where position('@' || $1 in e.body || coalesce(e.attributes::text, '')) > 0) as "secrets",
            (select count(*)
               from counted
               full join millrace.event_count c using (pattern_id, shard_id, minute)
              where counted.events is distinct from c.events) as "wrongCounts",
            (select count(*) from millrace.event e
              where not exists (select from millrace.pattern p where p.id = e.pattern_id)) as "eventsWithoutPattern"`,
    [secretHost],
  )
  const counts = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)])
  return {
    ...(Object.fromEntries(counts) as Omit<KnowledgeCount, 'wrongVectors'>),
    wrongVectors: await countWrongVectors(pool),
  }
}

async function countWrongVectors(pool: Pool): Promise<number> {
  const { rows } = await pool.query<Parameters<typeof patternText>[0] & { vector: string | null }>(
    `select p.service, p.severity, p.template, p.example, e.embedding::text as vector
       from millrace.pattern p
       left join millrace.pattern_embedding e on e.pattern_id = p.id and e.version = p.version`,
  )
  return rows.filter(
    (row) =>
      row.vector === null || !isVectorOf(patternText(row), JSON.parse(row.vector) as number[]),
  ).length
}

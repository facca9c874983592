import type { Pool } from 'pg'
import { fromHalfvec } from '../../src/embed/halfvec.ts'
import { searchByVector } from '../../src/knowledge/search-legs.ts'
import { percentile } from '../support/stats.ts'

const nearest = 10
/** What the product asks of this leg. */
const perLeg = 60
const everything = { from: null, to: null, services: [], minSeverity: 0, streams: [] }

export interface SearchMeasures {
  /** Vectors of patterns that have events. */
  live: number
  stored: number
  /** Rows deleted and not vacuumed yet, as the server counts them. */
  dead: number
  indexMib: number
  /** Share of the ten nearest that the product's query finds among its own ten first; the mean of all and the worst. */
  recall: number
  worst: number
  p50: number
  p99: number
}

/** Asks the product's vector query everything, and finds the truth by comparing all vectors. */
export async function measureSearch(
  deps: { pool: Pool },
  input: { model: { id: number; dimensions: number }; asked: readonly Float32Array[] },
): Promise<SearchMeasures> {
  const { model, asked } = input
  const vectors = await readVectors(deps.pool, model.id)
  const times: number[] = []
  const recalls: number[] = []
  for (const vector of asked) {
    const started = performance.now()
    const hits = await searchByVector(
      deps,
      { model, vector, filters: everything },
      { limit: perLeg },
    )
    times.push(performance.now() - started)
    const scores = [...vectors.values()].map((other) => dot(vector, other)).sort((a, b) => b - a)
    // Of several that are equally near any will do.
    const least = (scores[nearest - 1] ?? -1) - 1e-4
    const found = hits.slice(0, nearest).filter((hit) => {
      const other = vectors.get(hit.patternId)
      return other !== undefined && dot(vector, other) >= least
    })
    recalls.push(found.length / Math.min(nearest, vectors.size))
  }
  const { rows } = await deps.pool.query<{ stored: number; dead: number; mib: number }>(
    `select (select count(*)::int from millrace.pattern_embedding) as stored,
            (select n_dead_tup::int from pg_stat_user_tables where relid = 'millrace.pattern_embedding'::regclass) as dead,
            pg_relation_size('millrace.pattern_embedding_m${model.id}_idx') / 1048576.0::float8 as mib`,
  )
  return {
    live: vectors.size,
    stored: rows[0]?.stored ?? 0,
    dead: rows[0]?.dead ?? 0,
    indexMib: rows[0]?.mib ?? Number.NaN,
    recall: recalls.reduce((sum, value) => sum + value, 0) / recalls.length,
    worst: Math.min(...recalls),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  }
}

/** What the query's plan reads: the index, or all. */
export async function usesIndex(deps: { pool: Pool }, model: { id: number; dimensions: number }) {
  const { rows } = await deps.pool.query<{ 'QUERY PLAN': string }>(
    `explain select pattern_id
       from millrace.pattern_embedding v
      where model_id = ${model.id}
      order by v.embedding::halfvec(${model.dimensions}) <=> array_fill(0.1::real, array[${model.dimensions}])::vector::halfvec(${model.dimensions})
      limit 60`,
  )
  return rows.some((row) => row['QUERY PLAN'].includes(`pattern_embedding_m${model.id}_idx`))
}

async function readVectors(pool: Pool, modelId: number): Promise<Map<number, Float32Array>> {
  const { rows } = await pool.query<{ id: number; embedding: Buffer }>(
    `select v.pattern_id as id, halfvec_send(v.embedding) as embedding
       from millrace.pattern_embedding v
      where v.model_id = $1
        and exists (select from millrace.event_count c where c.pattern_id = v.pattern_id)`,
    [modelId],
  )
  return new Map(rows.map((row) => [row.id, fromHalfvec(row.embedding)]))
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}

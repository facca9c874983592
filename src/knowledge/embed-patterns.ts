import type { Pool } from 'pg'
import { toSql } from 'pgvector'
import type { EmbedOptions } from '../embed/embedder.ts'
import { patternText } from './pattern-text.ts'

/** The part of an embedder that patterns need. */
export interface PatternEmbedder {
  embed(texts: readonly string[], options?: EmbedOptions): Promise<(Float32Array | null)[]>
}

export interface EmbedPatternsOptions extends Pick<EmbedOptions, 'signal' | 'onUsage'> {
  /** Only these; default: every pattern that lacks a vector of its current version. */
  patternIds?: readonly number[]
  /** Most patterns of one call. Default 1,000. */
  limit?: number
}

/**
 * Gives patterns the vectors they lack under one model; returns how many it embedded, 0 when there is nothing to do.
 * Safe to run by any number of processes: a vector is the same whoever computes it.
 *
 * Reads: pattern. Writes: pattern_embedding. Locks: the patterns, so that none is retired meanwhile; one that has been is
 * left out. Order: a vector of an older version never replaces a newer one.
 */
export async function embedPatterns(
  deps: { pool: Pool; embedder: PatternEmbedder; modelId: number },
  options: EmbedPatternsOptions = {},
): Promise<number> {
  const { patternIds = null, limit = 1_000, ...embedOptions } = options
  const { rows } = await deps.pool.query<{
    id: number
    version: number
    service: string
    severity: number
    template: string
    example: string
  }>(
    `select p.id, p.version, p.service, p.severity, p.template, p.example
       from millrace.pattern p
       left join millrace.pattern_embedding e on e.model_id = $1 and e.pattern_id = p.id
      where (e.version is null or e.version < p.version)
        and ($2::int[] is null or p.id = any($2::int[]))
      order by p.id
      limit $3`,
    [deps.modelId, patternIds, limit],
  )
  if (rows.length === 0) return 0
  const vectors = await deps.embedder.embed(rows.map(patternText), embedOptions)
  const embedded = rows.flatMap((row, index) => {
    const vector = vectors[index]
    return vector ? [{ row, text: toSql(Array.from(vector)) as string }] : []
  })
  await deps.pool.query(
    `insert into millrace.pattern_embedding (model_id, pattern_id, version, embedding)
     select $1, vector.id, vector.version, vector.embedding::halfvec
       from unnest($2::int[], $3::int[], $4::text[]) as vector (id, version, embedding)
       join millrace.pattern p on p.id = vector.id
        for key share of p
         on conflict (model_id, pattern_id) do update
        set version = excluded.version,
            embedding = excluded.embedding
      where pattern_embedding.version < excluded.version`,
    [
      deps.modelId,
      embedded.map((item) => item.row.id),
      embedded.map((item) => item.row.version),
      embedded.map((item) => item.text),
    ],
  )
  return embedded.length
}

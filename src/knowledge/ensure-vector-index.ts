import type { Pool } from 'pg'
import { transaction } from '../db/transaction.ts'

/** pgvector's HNSW takes half-precision vectors up to this length; longer ones are searched exactly. */
const maxIndexedDimensions = 4_000

/**
 * Creates the HNSW index over one model's pattern vectors, unless it is there. It is made with the first vector, so it is
 * never built over many: insertion keeps it, and patterns are few and distinct, which is what HNSW is good at.
 *
 * DDL: one partial index a model, so that a search can only meet vectors of the model it names.
 * Locks: an advisory lock (one creator), ShareLock on pattern_embedding for the moment of the creation.
 */
export async function ensureVectorIndex(
  deps: { pool: Pool },
  model: { id: number; dimensions: number },
): Promise<void> {
  if (model.dimensions > maxIndexedDimensions) return
  await transaction(deps.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.vector_index'))`)
    // pgvector 0.8.0 overflows a buffer in parallel builds (fixed in 0.8.2).
    await client.query('set local max_parallel_maintenance_workers = 0')
    await client.query(
      `create index if not exists pattern_embedding_m${model.id}_idx
           on millrace.pattern_embedding
        using hnsw ((embedding::halfvec(${model.dimensions})) halfvec_cosine_ops)
        where model_id = ${model.id}`,
    )
  })
}

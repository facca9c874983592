import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import { bytesOf, type ContentHash } from './content-hash.ts'
import { ownClaims } from './embedding-claim.ts'
import { fromHalfvec, toHalfvec } from './halfvec.ts'

/**
 * The vectors that are stored under a model, by content hash; those that are not are left out.
 *
 * Reads: embedding_cache.
 */
export async function readVectors(
  pool: Pool,
  modelId: number,
  hashes: readonly ContentHash[],
): Promise<Map<ContentHash, Float32Array>> {
  try {
    const { rows } = await pool.query<{ content_hash: Buffer; embedding: Buffer }>(
      `select content_hash, halfvec_send(embedding) as embedding
         from millrace.embedding_cache
        where model_id = $1
          and content_hash = any($2::bytea[])`,
      [modelId, hashes.map(bytesOf)],
    )
    return new Map(
      rows.map((row) => [row.content_hash.toString('hex'), fromHalfvec(row.embedding)]),
    )
  } catch (error) {
    throw toMillraceError(error, 'reading the embedding cache')
  }
}

/**
 * Stores vectors under a model; those that are there already stay as they are. `owner`'s claims of their texts end in
 * the same statement: whoever sees a claim gone sees the vector.
 *
 * Writes: embedding_claim, embedding_cache. Locks: the claims', then the new rows'; the condition on `released` makes
 * the claims come first. Order: by hash, so that two processes that store the same texts wait for one another in one
 * direction only and cannot deadlock.
 */
export async function writeVectors(
  pool: Pool,
  modelId: number,
  vectors: readonly (readonly [ContentHash, Float32Array])[],
  owner: string,
): Promise<void> {
  if (vectors.length === 0) return
  try {
    await pool.query(
      `with released as (
         delete from millrace.embedding_claim as claim
          using ${ownClaims} as own
          where claim.model_id = $1
            and claim.content_hash = own.content_hash
         returning 1)
       insert into millrace.embedding_cache (model_id, content_hash, embedding)
       select $1, content_hash, embedding::halfvec
         from unnest($2::bytea[], $4::text[]) as vector (content_hash, embedding)
        where (select count(*) from released) >= 0
        order by content_hash
           on conflict (model_id, content_hash) do nothing`,
      [
        modelId,
        vectors.map(([hash]) => bytesOf(hash)),
        owner,
        vectors.map(([, vector]) => toHalfvec(vector)),
      ],
    )
  } catch (error) {
    throw toMillraceError(error, 'storing embeddings')
  }
}

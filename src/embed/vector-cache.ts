import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import { fromHalfvec, toHalfvec } from './halfvec.ts'

/** SHA-256 of a text's UTF-8, in hexadecimal. */
export type ContentHash = string

export function contentHash(text: string): ContentHash {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

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
 * Stores vectors under a model; those that are there already stay as they are.
 *
 * Writes: embedding_cache. Locks: the new rows'. Order: by hash, so that two processes that store the same texts wait
 * for one another in one direction only and cannot deadlock.
 */
export async function writeVectors(
  pool: Pool,
  modelId: number,
  vectors: readonly (readonly [ContentHash, Float32Array])[],
): Promise<void> {
  if (vectors.length === 0) return
  try {
    await pool.query(
      `insert into millrace.embedding_cache (model_id, content_hash, embedding)
       select $1, content_hash, embedding::halfvec
         from unnest($2::bytea[], $3::text[]) as vector (content_hash, embedding)
        order by content_hash
           on conflict (model_id, content_hash) do nothing`,
      [
        modelId,
        vectors.map(([hash]) => bytesOf(hash)),
        vectors.map(([, vector]) => toHalfvec(vector)),
      ],
    )
  } catch (error) {
    throw toMillraceError(error, 'storing embeddings')
  }
}

function bytesOf(hash: ContentHash): Buffer {
  return Buffer.from(hash, 'hex')
}

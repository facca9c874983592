import type { Pool } from 'pg'
import type { ContentHash } from './content-hash.ts'
import type { Embedder, EmbedOptions } from './embedder.ts'
import { type Claimant, releaseClaims, renewClaims } from './embedding-claim.ts'
import { writeVectors } from './vector-cache.ts'

export interface Claimed {
  pool: Pool
  embedder: Embedder
  modelId: number
  claimant: Claimant
}

/**
 * Embeds texts that this process has claimed, and stores their vectors as they come; `find` is told each text's vector
 * once it is stored, or null when it has none.
 *
 * While it runs the claims are renewed three times in the length of one. A text's claim ends with the statement that
 * stores its vector, and the claims of all others end before this settles, however it does.
 *
 * What comes while one write is under way collects for the next. A write that fails is tried once more after the
 * embedder has answered, so that a blink of the database costs nothing; if that fails too, what was not stored has to be
 * paid again. A failed release is let pass: those claims expire. A crash before a write loses what has come since the last
 * one began; a crash after it loses nothing.
 */
export async function embedClaimed(
  deps: Claimed,
  texts: ReadonlyMap<ContentHash, string>,
  options: EmbedOptions,
  find: (hash: ContentHash, vector: Float32Array | null) => void,
): Promise<void> {
  const { pool, embedder, modelId, claimant } = deps
  const hashes = [...texts.keys()]
  const open = new Set(hashes)
  const arrived = new Map<ContentHash, Float32Array>()
  let writing: Promise<void> | undefined
  let renewing: Promise<void> | undefined

  const arrive = (place: number, vector: Float32Array) => {
    const hash = hashes[place]
    if (hash !== undefined && open.has(hash)) arrived.set(hash, vector)
  }
  const store = async () => {
    while (arrived.size > 0) {
      const vectors = [...arrived]
      await writeVectors(pool, modelId, vectors, claimant.owner)
      for (const [hash, vector] of vectors) {
        arrived.delete(hash)
        open.delete(hash)
        find(hash, vector)
      }
    }
  }
  const onVectors = (found: ReadonlyMap<number, Float32Array>) => {
    for (const [place, vector] of found) arrive(place, vector)
    writing ??= store()
      .catch(() => undefined)
      .finally(() => {
        writing = undefined
      })
  }
  const renewal = setInterval(() => {
    renewing ??= renewClaims(pool, modelId, [...open], claimant)
      .catch(() => undefined)
      .finally(() => {
        renewing = undefined
      })
  }, claimant.claimMs / 3)

  try {
    const vectors = await embedder.embed([...texts.values()], { ...options, onVectors })
    await writing
    for (const [place, vector] of vectors.entries()) if (vector) arrive(place, vector)
    await store()
    for (const hash of open) find(hash, null)
  } catch (error) {
    await writing
    // Paid for before the others failed. Its own failure would hide theirs.
    await store().catch(() => undefined)
    throw error
  } finally {
    clearInterval(renewal)
    await renewing
    if (open.size > 0)
      await releaseClaims(pool, modelId, [...open], claimant).catch(() => undefined)
  }
}

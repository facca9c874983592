import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { isMillraceError } from '../base/errors.ts'
import { abortable, throwIfAborted } from './abortable.ts'
import { type ContentHash, contentHash } from './content-hash.ts'
import { embedOnce } from './embed-once.ts'
import type { Embedder, EmbedOptions } from './embedder.ts'

export interface CachedEmbedderOptions {
  /** How long others wait for the texts that a crashed process was embedding. Default 30,000 ms. */
  claimMs?: number
}

const defaults = { claimMs: 30_000 } satisfies CachedEmbedderOptions

type Vector = Float32Array | null

/**
 * An embedder with the database's cache in front of it: the same vectors, and a text is paid for once.
 *
 * Guarantees: of the texts of a call, each distinct one that is not stored under the model is embedded once, by one of
 * the calls and processes that want it at that time, and stored as its vector comes. The others wait for it: those of
 * this process here, those of other processes by its claim; see embed-once.ts. A text without a vector is not stored: it is
 * tried again with every call.
 *
 * States of a text: unknown -> in flight (here) -> stored, or unknown again when the call that has it in flight fails.
 * A call that waits for another's text fails with it, unless that one was merely aborted: then it embeds it itself.
 * Owner of truth: the table. A crash loses what was on its way from the embedder, and claims that expire in 30 s.
 *
 * `onUsage` is told what the embedder behind it is asked: a text that is stored, or that another call has in flight,
 * costs this one nothing. `onVectors` is not told anything.
 *
 * Vectors from the table are at half precision: a unit vector's components are off by less than 0.0005.
 * Takes a connection of the pool: never await it inside a transaction. There is no copy in memory; the table answers
 * in about 1 ms for one text and 30 ms for 1,000 of 384 dimensions, against seconds of embedding.
 *
 * `close` closes the embedder behind it too, and waits until the calls in flight have given up their claims.
 */
export function createCachedEmbedder(
  deps: {
    pool: Pool
    embedder: Embedder
    /** From `registerModel`, for this embedder. */
    modelId: number
  },
  settings: CachedEmbedderOptions = {},
): Embedder {
  const { pool, embedder, modelId } = deps
  const { claimMs } = { ...defaults, ...settings }
  const claimed = { pool, embedder, modelId, claimant: { owner: randomUUID(), claimMs } }
  const inFlight = new Map<ContentHash, Promise<Vector>>()
  const fetches = new Set<Promise<unknown>>()
  const closing = new AbortController()

  /** Gets vectors that nobody here has in flight, from the table or the embedder; others may wait for them. */
  const fetch = async (
    texts: ReadonlyMap<ContentHash, string>,
    { onVectors: _unused, ...options }: EmbedOptions,
  ): Promise<Map<ContentHash, Vector>> => {
    const places = new Map<ContentHash, PromiseWithResolvers<Vector>>()
    for (const hash of texts.keys()) {
      const place = Promise.withResolvers<Vector>()
      place.promise.catch(() => undefined)
      places.set(hash, place)
      inFlight.set(hash, place.promise)
    }
    const found = new Map<ContentHash, Vector>()
    const find = (hash: ContentHash, vector: Vector) => {
      found.set(hash, vector)
      places.get(hash)?.resolve(vector)
    }
    const signals = options.signal ? [options.signal, closing.signal] : [closing.signal]
    const finding = embedOnce(claimed, texts, options, find, AbortSignal.any(signals))
    fetches.add(finding)
    try {
      await finding
      return found
    } catch (error) {
      for (const place of places.values()) place.reject(error)
      throw error
    } finally {
      fetches.delete(finding)
      for (const hash of places.keys()) inFlight.delete(hash)
    }
  }

  /** Waits for what other calls have in flight; what they were aborted over is left out. */
  const share = async (
    promises: ReadonlyMap<ContentHash, Promise<Vector>>,
    options: EmbedOptions,
  ): Promise<Map<ContentHash, Vector>> => {
    const shared = new Map<ContentHash, Vector>()
    const waits = [...promises].map(async ([hash, promise]) => {
      try {
        shared.set(hash, await promise)
      } catch (error) {
        if (!isMillraceError(error, 'aborted')) throw error
      }
    })
    await abortable(Promise.all(waits), options.signal)
    return shared
  }

  const embed = async (texts: readonly string[], options: EmbedOptions = {}): Promise<Vector[]> => {
    const hashes = texts.map(contentHash)
    const wanted = new Map(texts.map((text, index) => [hashes[index] ?? '', text]))
    const vectors = new Map<ContentHash, Vector>()
    while (vectors.size < wanted.size) {
      throwIfAborted(options.signal)
      const mine = new Map<ContentHash, string>()
      const others = new Map<ContentHash, Promise<Vector>>()
      for (const [hash, text] of wanted) {
        if (vectors.has(hash)) continue
        const promise = inFlight.get(hash)
        if (promise) others.set(hash, promise)
        else mine.set(hash, text)
      }
      if (mine.size > 0)
        for (const [hash, vector] of await fetch(mine, options)) vectors.set(hash, vector)
      for (const [hash, vector] of await share(others, options)) vectors.set(hash, vector)
    }
    return hashes.map((hash) => vectors.get(hash) ?? null)
  }

  const close = async () => {
    closing.abort()
    await embedder.close()
    await Promise.allSettled(fetches)
  }

  return {
    id: embedder.id,
    dimensions: embedder.dimensions,
    embed,
    ...(embedder.warm ? { warm: () => embedder.warm?.() ?? Promise.resolve() } : {}),
    close,
    [Symbol.asyncDispose]: close,
  }
}

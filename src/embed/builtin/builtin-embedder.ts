import { availableParallelism } from 'node:os'
import type { Logger } from '../../base/logger.ts'
import { abortable, throwIfAborted } from '../abortable.ts'
import { type Embedder, type EmbedOptions, isBlank } from '../embedder.ts'
import { createEngineClient, type EngineClient } from './engine-client.ts'

const DIMENSIONS = 384

// The model takes 256 tokens, of which even hexadecimal ones have more than a character each on average; the
// tokenizer would still go through all of a 5 MB line.
const MAX_CHARACTERS = 16_384

export interface BuiltinEmbedderOptions {
  /** Cores that one batch may use. Default: the machine's, at most 2. */
  threads?: number
  /** Use the engine that runs on any platform even where the native one would. Default false. */
  portable?: boolean
}

/**
 * The model that comes with the package, all-MiniLM-L6-v2 in single precision: no key, no download.
 * It runs in a process of its own that starts with the first call, or with `warm`.
 *
 * Calls take turns batch by batch, so that a question is not kept waiting by a thousand lines. A batch counts as one
 * request, and its tokens are those that the model read: 0 from the portable engine, which does not tell.
 */
export function createBuiltinEmbedder(
  deps: { logger: Logger },
  options: BuiltinEmbedderOptions = {},
): Embedder {
  const { threads = Math.min(2, availableParallelism()), portable = false } = options
  const client = createEngineClient(deps, { threads, portable })

  return {
    id: `builtin:all-MiniLM-L6-v2:${DIMENSIONS}`,
    dimensions: DIMENSIONS,
    embed: (texts, options = {}) => abortable(embedAll(client, texts, options), options.signal),
    async warm() {
      await client.start()
    },
    close: client.stop,
    [Symbol.asyncDispose]: client.stop,
  }
}

async function embedAll(
  client: EngineClient,
  texts: readonly string[],
  { signal, onUsage, onVectors }: EmbedOptions,
): Promise<(Float32Array | null)[]> {
  throwIfAborted(signal)
  const vectors: (Float32Array | null)[] = texts.map(() => null)
  // Sorted by length, as a batch costs what its longest text does times its number.
  const order = texts
    .map((text, index) => ({ text: text.slice(0, MAX_CHARACTERS), index }))
    .filter(({ text }) => !isBlank(text))
    .sort((a, b) => a.text.length - b.text.length)
  if (order.length === 0) return vectors

  const { batchSize } = await client.start()
  for (let start = 0; start < order.length; start += batchSize) {
    throwIfAborted(signal)
    const batch = order.slice(start, start + batchSize)
    const made = await client.embed(batch.map(({ text }) => text))
    throwIfAborted(signal)
    const found = new Map<number, Float32Array>()
    for (const [place, { index }] of batch.entries()) {
      const vector = made.vectors.slice(place * DIMENSIONS, (place + 1) * DIMENSIONS)
      vectors[index] = vector
      found.set(index, vector)
    }
    onUsage?.({ requests: 1, tokens: made.tokens })
    onVectors?.(found)
  }
  return vectors
}

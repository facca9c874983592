import { hash } from 'node:crypto'
import type { Embedder } from '../../src/embed/embedder.ts'
import { wordsOf } from '../../src/knowledge/words.ts'

/** A real embedder without a model: texts are near each other as far as they share words, hashed into dimensions. */
export function createWordEmbedder(dimensions: number): Embedder {
  const embedOne = (text: string): Float32Array | null => {
    const vector = new Float32Array(dimensions)
    for (const word of wordsOf(text)) {
      const digest = hash('md5', word.slice(0, 5), 'buffer')
      const at = digest.readUInt32BE(0) % dimensions
      vector[at] = (vector[at] ?? 0) + 1
    }
    const length = Math.hypot(...vector)
    return length === 0 ? null : vector.map((value) => value / length)
  }
  return {
    id: `words:${dimensions}`,
    dimensions,
    embed: async (texts) => texts.map(embedOne),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

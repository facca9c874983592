import { remember } from '../base/remember.ts'
import type { GlossaryEntry } from './glossary/read-entries.ts'
import { glossary } from './glossary.ts'

export interface NearMeaning {
  entry: GlossaryEntry
  /** Cosine of the question and the entry in plain words. */
  score: number
}

/** The glossary's entries in the order of their nearness to a question. */
export interface Meanings {
  nearest(question: Float32Array, options: { limit: number }): Promise<NearMeaning[]>
}

interface MeaningEmbedder {
  embed(
    texts: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<(Float32Array | null)[]>
}

/**
 * Embeds the glossary with the first question, under the question's own model, and keeps its hundred vectors. A failure is the
 * embedder's, and is not kept: the next question tries again.
 */
export function createMeanings(embedder: MeaningEmbedder): Meanings {
  const embedGlossary = remember(() => embedder.embed(glossary.map((entry) => entry.plain)))
  return {
    async nearest(question, { limit }) {
      const found = await embedGlossary()
      return glossary
        .map((entry, index) => ({ entry, score: cosine(question, found[index]) }))
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
    },
  }
}

/** Of unit vectors. */
function cosine(one: Float32Array, other: Float32Array | null | undefined): number {
  if (!other) return 0
  let sum = 0
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0)
  return sum
}

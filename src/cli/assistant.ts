import { createCachedEmbedder } from '../embed/cached-embedder.ts'
import { createEmbedder } from '../embed/create-embedder.ts'
import type { Embedder } from '../embed/embedder.ts'
import { registerModel } from '../embed/register-model.ts'
import { embedPatterns } from '../knowledge/embed-patterns.ts'
import { ensureVectorIndex } from '../knowledge/ensure-vector-index.ts'
import { createMeanings, type Meanings } from '../knowledge/meanings.ts'
import { createVocabulary, type Vocabulary } from '../knowledge/vocabulary.ts'
import type { Resources } from '../pipeline/step.ts'
import type { Session } from './session.ts'

/** What indexing and asking share: one embedder and one model. */
export interface Assistant extends AsyncDisposable {
  embedder: Embedder
  model: { id: number; dimensions: number }
  meanings: Meanings
  vocabulary: Vocabulary
  /** For steps. */
  embedding: Resources['embedding']
  /** Gives every pattern the vector it lacks under this model, as after a change of model; returns how many. */
  embedMissing(signal: AbortSignal): Promise<number>
}

/** Composes the configured embedder with its cache and its model's index. */
export async function createAssistant(session: Session): Promise<Assistant> {
  const { pool, logger, config } = session
  const source = await createEmbedder({ logger }, config.embeddingModel)
  const model = { id: await registerModel(pool, source), dimensions: source.dimensions }
  await ensureVectorIndex({ pool }, model)
  const embedder = createCachedEmbedder({ pool, embedder: source, modelId: model.id })
  const deps = { pool, embedder, modelId: model.id }
  return {
    embedder,
    model,
    meanings: createMeanings(embedder),
    vocabulary: createVocabulary({ pool }),
    embedding: async () => deps,
    embedMissing: async (signal) => {
      let total = 0
      for (let done = -1; done !== 0 && !signal.aborted; total += done)
        done = await embedPatterns(deps, { signal })
      return total
    },
    [Symbol.asyncDispose]: () => embedder.close(),
  }
}

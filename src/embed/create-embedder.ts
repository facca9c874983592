import type { Config } from '../base/config.ts'
import type { Logger } from '../base/logger.ts'
import { createBuiltinEmbedder } from './builtin/builtin-embedder.ts'
import type { Embedder } from './embedder.ts'
import { createOpenAiEmbedder } from './openai/openai-embedder.ts'

/**
 * The embedder that the configuration names: an OpenAI-compatible model, or the built-in one.
 * Fails with `embedder_unavailable` or `embedder_rejected` when a server has to be asked for dimensions and fails.
 */
export async function createEmbedder(
  deps: { logger: Logger },
  config: Config['embeddingModel'],
): Promise<Embedder> {
  return config === undefined ? createBuiltinEmbedder(deps) : createOpenAiEmbedder(config)
}

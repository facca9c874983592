import { type Embedder, isBlank } from '../embedder.ts'
import { PLAIN_TEXT } from './embed-inputs.ts'
import { createEmbeddingsClient, type EmbeddingsClient } from './embeddings-client.ts'
import { createRequestQueue } from './request-queue.ts'
import { truncateBytes } from './truncate-bytes.ts'

export interface OpenAiEmbedderOptions {
  model: string
  /** With the path, usually `/v1`. Default: OpenAI's own server. */
  baseUrl?: string | undefined
  /** Not needed by most local servers. */
  apiKey?: string | undefined
  /** Asked of the model. Default: what it gives, found out by one request at creation. */
  dimensions?: number | undefined
  /** Texts in one request, at most 2,048, OpenAI's limit and the default. A slow server may need fewer to be in time. */
  maxInputs?: number
  /** Tokens in one request, by a high estimate. Default 300,000, OpenAI's limit. */
  maxTokens?: number
  /** Requests under way at a time. Default 4. */
  parallel?: number
  /** Attempts after the first at a request that failed for a passing reason. Default 3, over 3.5 s or as told. */
  maxRetries?: number
  /** For one attempt. Default 60,000 ms. */
  timeoutMs?: number
}

const MOST_INPUTS = 2048

const defaults = {
  maxInputs: MOST_INPUTS,
  maxTokens: 300_000,
  parallel: 4,
  maxRetries: 3,
  timeoutMs: 60_000,
} satisfies Partial<OpenAiEmbedderOptions>

// A token is at least a byte, so this fits the 8,191 tokens of OpenAI's models whatever the text.
const MAX_TEXT_BYTES = 8000

/**
 * An embedder on any server that speaks OpenAI's /embeddings: OpenAI, Ollama, vLLM, LM Studio and their like.
 *
 * Calls that are under way at the same time share requests: see request-queue.ts. Their usage is the attempts made for
 * them and the tokens that the server states; a server that states none costs 0.
 *
 * Its id has the server in it unless that is OpenAI's own. Without `dimensions` it asks the server for them now, and
 * fails when that does: `embedder_unavailable` (not there), `embedder_rejected` (key, model or address is wrong).
 */
export async function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Promise<Embedder> {
  const settings = { ...defaults, ...options }
  const { model, baseUrl, apiKey, parallel, maxRetries, timeoutMs } = settings
  const client = createEmbeddingsClient({
    model,
    baseUrl,
    apiKey,
    dimensions: settings.dimensions,
    parallel,
    maxRetries,
    timeoutMs,
  })
  const dimensions = settings.dimensions ?? (await probeDimensions(client))
  const queue = createRequestQueue(client, {
    limits: {
      maxInputs: Math.min(settings.maxInputs, MOST_INPUTS),
      maxTokens: settings.maxTokens,
    },
    parallel,
  })

  return {
    id: `openai${client.server === undefined ? '' : `@${client.server}`}:${model}:${dimensions}`,
    dimensions,
    async embed(texts, options = {}) {
      const vectors: (Float32Array | null)[] = texts.map(() => null)
      const inputs = texts
        .map((whole, index) => {
          const text = truncateBytes(whole, MAX_TEXT_BYTES)
          return { text, index, bytes: Buffer.byteLength(text) }
        })
        .filter(({ text }) => !isBlank(text))
      await queue.embed(inputs, {
        ...options,
        onVectors(found) {
          for (const [index, vector] of found) vectors[index] = vector
          options.onVectors?.(found)
        },
      })
      return vectors
    },
    close: queue.close,
    [Symbol.asyncDispose]: queue.close,
  }
}

async function probeDimensions(client: EmbeddingsClient): Promise<number> {
  const reply = await client.post([PLAIN_TEXT], { signal: new AbortController().signal })
  if (reply.kind === 'refused') throw reply.error
  const [vector] = reply.vectors
  return vector?.length ?? 0
}

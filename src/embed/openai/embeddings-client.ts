import { OpenAI } from 'openai'
import { MillraceError } from '../../base/errors.ts'
import type { EmbedUsage } from '../embedder.ts'
import { createLimiter } from '../limiter.ts'
import { isInputRefusal, translateProviderError } from './provider-error.ts'
import { readReply, readTokens } from './read-reply.ts'

const DEFAULT_SERVER = 'api.openai.com/v1'

export interface EmbeddingsClientOptions {
  model: string
  /** OpenAI's own server by default. */
  baseUrl: string | undefined
  /** Undefined for a server that wants none. */
  apiKey: string | undefined
  /** Asked of the model, and expected of its vectors; undefined takes what the first reply gives. */
  dimensions: number | undefined
  /** Requests under way at a time; further ones wait. */
  parallel: number
  /** Attempts after the first at a request that was answered 408, 409, 429 or 5xx, or not at all. */
  maxRetries: number
  /** For one attempt. */
  timeoutMs: number
}

/** What became of one request. A refusal means what the texts are, not how they were sent. */
export type Reply =
  | { kind: 'vectors'; vectors: Float32Array[] }
  | { kind: 'refused'; error: MillraceError }

export interface EmbeddingsClient {
  /** Host and path of the server, when it is not OpenAI's own: models of two servers may share a name. */
  readonly server: string | undefined
  /** One request of /embeddings. Fails with `embedder_unavailable`, `embedder_rejected` or `aborted`. */
  post(texts: string[], options: PostOptions): Promise<Reply>
}

export interface PostOptions {
  signal: AbortSignal
  /** Told each attempt as it is made, and the tokens that a reply states. */
  onUsage?: (usage: EmbedUsage) => void
}

/**
 * Speaks to one OpenAI-compatible server. Retries, their backoff and Retry-After (up to a minute) are the openai
 * package's.
 */
export function createEmbeddingsClient(options: EmbeddingsClientOptions): EmbeddingsClient {
  const { model, apiKey, dimensions } = options
  const url = new URL(options.baseUrl ?? `https://${DEFAULT_SERVER}`)
  const server = url.host + url.pathname.replace(/\/+$/, '')
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey))
    throw new MillraceError(
      'embedder_rejected',
      'expected OPENAI_API_KEY to be printable ASCII without spaces; check how it was set',
    )
  const openai = new OpenAI({
    // The package insists on a key; servers that want none ignore it.
    apiKey: apiKey ?? 'none',
    baseURL: url.href,
    maxRetries: options.maxRetries,
    timeout: options.timeoutMs,
    // Its log would have the texts in it.
    logLevel: 'off',
  })
  const limiter = createLimiter(options.parallel)
  let expected = dimensions

  const attempt = async (
    texts: string[],
    { signal, onUsage = () => undefined }: PostOptions,
  ): Promise<Reply> => {
    try {
      // The package retries by itself; only what it fetches with sees each attempt.
      const counting = openai.withOptions({
        fetch: (input, init) => {
          onUsage({ requests: 1, tokens: 0 })
          return fetch(input, init)
        },
      })
      const reply: unknown = await counting.embeddings.create(
        {
          model,
          input: texts,
          // The package's own default is base64, which not every compatible server knows.
          encoding_format: 'float',
          ...(dimensions === undefined ? {} : { dimensions }),
        },
        { signal },
      )
      // Before the reply is judged: it is paid for even if it makes no sense.
      const tokens = readTokens(reply)
      if (tokens > 0) onUsage({ requests: 0, tokens })
      const vectors = readReply(reply, { count: texts.length, dimensions: expected })
      expected ??= vectors[0]?.length
      return { kind: 'vectors', vectors }
    } catch (error) {
      const translated = translateProviderError(error, server)
      if (isInputRefusal(error)) return { kind: 'refused', error: translated }
      throw translated
    }
  }

  return {
    server: server === DEFAULT_SERVER ? undefined : server,
    post: (texts, post) => limiter(() => attempt(texts, post)),
  }
}

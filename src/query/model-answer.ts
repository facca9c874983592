import { OpenAI } from 'openai'
import type { Config } from '../base/config.ts'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { buildEvidencePrompt } from './evidence-prompt.ts'
import type { Evidence } from './evidence-types.ts'
import { BrokenReply, defaultBaseUrl, toModelError } from './model-error.ts'
import type { Plan } from './plan.ts'

/** Writes an answer over evidence that was gathered already. */
export interface ModelAnswerer {
  readonly model: string
  /**
   * The answer's text, piece by piece, unchecked. Fails with `model_unavailable` (retryable when the same call may succeed
   * later), also after pieces were given, and with `aborted` when the signal does.
   */
  answer(
    input: { plan: Plan; evidence: Evidence },
    options?: { signal?: AbortSignal },
  ): AsyncIterable<string>
}

export interface ModelAnswererOptions {
  /** Until the first piece, all attempts together; a model on a CPU reads the evidence for a while. Default 120,000. */
  firstMs?: number
  /** Between two pieces. Default 30,000. */
  idleMs?: number
  /** Attempts after the first, for 429, 5xx and broken connections, before anything was said. Default 2. */
  retries?: number
  /** An answer is cut off after about this many characters. Default 12,000. */
  maxChars?: number
}

const defaults = {
  firstMs: 120_000,
  idleMs: 30_000,
  retries: 2,
  maxChars: 12_000,
} satisfies Required<ModelAnswererOptions>

/**
 * An answerer over any server that speaks OpenAI's chat completions (OpenAI, Ollama, vLLM, ...), streaming. It sends only
 * what all of them know: a model, messages and `stream`. The key is in no error and no log.
 */
export function createModelAnswerer(
  config: NonNullable<Config['answerModel']>,
  deps: { logger: Logger },
  options: ModelAnswererOptions = {},
): ModelAnswerer {
  const settings = { ...defaults, ...options }
  const client = new OpenAI({
    // Local servers want no key, and the client wants one.
    apiKey: config.apiKey ?? 'none',
    baseURL: config.baseUrl ?? defaultBaseUrl,
    timeout: settings.firstMs,
    maxRetries: settings.retries,
    logLevel: 'off',
  })
  const { model } = config
  return {
    model,
    answer: async function* (input, { signal } = {}) {
      const started = performance.now()
      let chars = 0
      try {
        for await (const piece of pieces({ client, model, settings }, input, signal)) {
          chars += piece.length
          yield piece
          if (chars >= settings.maxChars) break
        }
      } catch (error) {
        if (signal?.aborted)
          throw new MillraceError('aborted', 'the answer was aborted by its caller')
        throw toModelError(error, config)
      }
      const ms = Math.round(performance.now() - started)
      deps.logger.debug({ model, chars, ms }, 'answer.streamed')
    },
  }
}

interface StreamDeps {
  client: OpenAI
  model: string
  settings: Required<ModelAnswererOptions>
}

/** The pieces of one completion. Whoever stops listening ends the request. */
async function* pieces(
  { client, model, settings }: StreamDeps,
  input: { plan: Plan; evidence: Evidence },
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  signal?.throwIfAborted()
  const { system, user } = buildEvidencePrompt(input)
  const silence = new AbortController()
  const until = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal
  const silentAfter = (ms: number) =>
    setTimeout(() => silence.abort(new BrokenReply(`nothing came within ${ms} ms`)), ms)
  let timer = silentAfter(settings.firstMs)
  let said = false
  let ending: string | null = null
  try {
    const chunks = await client.chat.completions.create(
      {
        model,
        stream: true,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      },
      { signal: until },
    )
    for await (const chunk of chunks) {
      const choice = chunk.choices?.[0]
      ending = choice?.finish_reason ?? ending
      const piece = choice?.delta?.content
      if (typeof piece !== 'string' || piece === '') continue
      clearTimeout(timer)
      timer = silentAfter(settings.idleMs)
      said = true
      yield piece
    }
    // The client ends its loop quietly when its request is aborted.
    until.throwIfAborted()
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
  if (!said) throw new BrokenReply('its reply holds no text of an answer')
  if (ending === null) throw new BrokenReply('its answer broke off')
}

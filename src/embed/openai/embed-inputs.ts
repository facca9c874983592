import type { EmbedUsage } from '../embedder.ts'
import type { EmbeddingsClient } from './embeddings-client.ts'
import type { Input, RequestLimits } from './fill-request.ts'
import { truncateBytes } from './truncate-bytes.ts'

/** A text that a server of any model must take. */
export const PLAIN_TEXT = 'ok'

// Some servers refuse what is longer than their model's 512 tokens; three bytes a token leaves room for identifiers.
const SHORT_BYTES = 1500

/** What is told of a request's inputs: each is either done or failed, once. */
export interface RequestOutcome<T extends Input> {
  /** The vectors in the inputs' order; null for an input that has none. */
  done(inputs: readonly T[], vectors: readonly (Float32Array | null)[]): void
  failed(inputs: readonly T[], error: unknown): void
  /** What the inputs have cost so far. */
  used(inputs: readonly T[], usage: EmbedUsage): void
  /** False once nobody waits for the input any more: it is not sent again. */
  isWanted(input: T): boolean
}

/**
 * Sends the inputs as one request, and in parts of it where that is refused. Never fails itself.
 *
 * A refused request is halved until the input at fault stands alone, is tried once more by its beginning, and is left
 * without a vector. Before the first halving a plain text is tried: if that is refused too, then it is not the inputs'
 * fault, and all fail with `embedder_rejected` instead of losing their vectors one by one. If every part of a refused
 * request is taken, then it was too large: `limits.maxInputs` is lowered for the requests to come.
 */
export async function embedInputs<T extends Input>(
  client: EmbeddingsClient,
  inputs: readonly T[],
  options: { limits: RequestLimits; signal: AbortSignal },
  outcome: RequestOutcome<T>,
): Promise<void> {
  const { limits, signal } = options
  let plain: Promise<void> | undefined

  const post = (texts: string[], request: readonly T[]) =>
    client.post(texts, { signal, onUsage: (usage) => outcome.used(request, usage) })

  const tryPlainText = async (request: readonly T[]) => {
    const reply = await post([PLAIN_TEXT], request)
    if (reply.kind === 'refused') throw reply.error
  }

  /** Resolves to whether every input was taken as it is. */
  const send = async (part: readonly T[]): Promise<boolean> => {
    const request = part.filter(outcome.isWanted)
    if (request.length === 0) return false
    try {
      const reply = await post(
        request.map(({ text }) => text),
        request,
      )
      if (reply.kind === 'vectors') {
        outcome.done(
          request,
          request.map((_input, place) => reply.vectors[place] ?? null),
        )
        return true
      }
      plain ??= tryPlainText(request)
      await plain
    } catch (error) {
      outcome.failed(request, error)
      return false
    }
    const [only] = request
    if (request.length > 1) {
      const middle = Math.ceil(request.length / 2)
      const halves = [request.slice(0, middle), request.slice(middle)]
      const taken = (await Promise.all(halves.map(send))).every(Boolean)
      if (taken) limits.maxInputs = Math.min(limits.maxInputs, middle)
      return taken
    }
    if (only) {
      const text = truncateBytes(only.text, SHORT_BYTES)
      if (text.length < only.text.length)
        await send([{ ...only, text, bytes: Buffer.byteLength(text) }])
      else outcome.done(request, [null])
    }
    return false
  }

  await send(inputs)
}

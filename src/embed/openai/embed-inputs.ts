import type { EmbeddingsClient } from './embeddings-client.ts'
import { type Input, planRequests, type RequestLimits } from './plan-requests.ts'
import { truncateBytes } from './truncate-bytes.ts'

/** A text that a server of any model must take. */
export const PLAIN_TEXT = 'ok'

// Some servers refuse what is longer than their model's 512 tokens; three bytes a token leaves room for identifiers.
const SHORT_BYTES = 1500

/**
 * Embeds inputs in as many requests as it takes; `found` is told each vector as it comes.
 *
 * A refused request is halved until the input at fault stands alone, is tried once more by its beginning, and is left
 * without a vector. Before the first halving a plain text is tried: if that is refused too, then it is not the inputs'
 * fault, and all fail with `embedder_rejected` instead of losing their vectors one by one. If every part of a refused
 * request is taken, then it was too large: `limits.maxInputs` is lowered for the calls to come.
 *
 * The first failure aborts `controller`, and with it the other requests; nothing is under way when this settles.
 */
export async function embedInputs(
  client: EmbeddingsClient,
  inputs: readonly Input[],
  options: { limits: RequestLimits; controller: AbortController },
  found: (input: Input, vector: Float32Array) => void,
): Promise<void> {
  const { limits, controller } = options
  let plain: Promise<void> | undefined
  let failure: { error: unknown } | undefined

  const tryPlainText = async () => {
    const reply = await client.post([PLAIN_TEXT], controller.signal)
    if (reply.kind === 'refused') throw reply.error
  }

  /** Resolves to whether every input was taken as it is. */
  const send = async (request: readonly Input[]): Promise<boolean> => {
    const texts = request.map(({ text }) => text)
    const reply = await client.post(texts, controller.signal)
    if (reply.kind === 'vectors') {
      for (const [place, input] of request.entries()) {
        const vector = reply.vectors[place]
        if (vector) found(input, vector)
      }
      return true
    }
    plain ??= tryPlainText()
    await plain
    const [only] = request
    if (request.length > 1) {
      const middle = Math.ceil(request.length / 2)
      const taken = await sendAll([request.slice(0, middle), request.slice(middle)])
      if (taken) limits.maxInputs = Math.min(limits.maxInputs, middle)
      return taken
    }
    if (only) {
      const text = truncateBytes(only.text, SHORT_BYTES)
      if (text.length < only.text.length) await send([{ ...only, text }])
    }
    return false
  }

  const sendAll = async (requests: readonly (readonly Input[])[]): Promise<boolean> => {
    const taken = await Promise.all(
      requests.map((request) =>
        send(request).catch((error: unknown) => {
          failure ??= { error }
          controller.abort()
          return false
        }),
      ),
    )
    return taken.every(Boolean)
  }

  await sendAll(planRequests(inputs, limits))
  if (failure) throw failure.error
}

/** A text on its way to the provider. */
export interface Input {
  /** Its place among its caller's. */
  index: number
  text: string
  /** Of the text's UTF-8. */
  bytes: number
}

export interface RequestLimits {
  /** Texts in one request. */
  maxInputs: number
  /** Tokens in one request, all texts together. */
  maxTokens: number
}

/**
 * How many of the waiting inputs, from the first, one request takes; `isFull` when it has no room for the next one.
 * An input that is over the limit by itself goes by itself.
 */
export function fillRequest(
  waiting: readonly Input[],
  limits: RequestLimits,
): { count: number; isFull: boolean } {
  let tokens = 0
  for (const [count, input] of waiting.entries()) {
    tokens += estimateTokens(input)
    if (count >= limits.maxInputs || (count > 0 && tokens > limits.maxTokens))
      return { count, isFull: true }
  }
  const isFull = waiting.length >= limits.maxInputs || tokens >= limits.maxTokens
  return { count: waiting.length, isFull }
}

/** Prose has about 4 bytes a token, logs full of identifiers 2.5; an estimate that is too low only costs a halving. */
function estimateTokens({ bytes }: Input): number {
  return Math.ceil(bytes / 2)
}

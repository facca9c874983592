/** A text on its way to the provider; `index` is its place among the caller's. */
export interface Input {
  index: number
  text: string
}

export interface RequestLimits {
  /** Texts in one request. */
  maxInputs: number
  /** Tokens in one request, all texts together. */
  maxTokens: number
}

/** Cuts the inputs into requests within the limits, in order. */
export function planRequests(inputs: readonly Input[], limits: RequestLimits): Input[][] {
  const requests: Input[][] = []
  let request: Input[] = []
  let tokens = 0
  for (const input of inputs) {
    const more = estimateTokens(input.text)
    const isFull = request.length >= limits.maxInputs || tokens + more > limits.maxTokens
    if (isFull && request.length > 0) {
      requests.push(request)
      request = []
      tokens = 0
    }
    request.push(input)
    tokens += more
  }
  if (request.length > 0) requests.push(request)
  return requests
}

/** Prose has about 4 bytes a token, logs full of identifiers 2.5; an estimate that is too low only costs a halving. */
function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 2)
}

import { APIConnectionError, APIError } from 'openai'
import { MillraceError } from '../base/errors.ts'

/** What an answering model is known by in messages: never its key. */
export interface ModelAddress {
  model: string
  baseUrl: string | undefined
}

export const defaultBaseUrl = 'https://api.openai.com/v1'

/** A reply that is no whole answer; `problem` finishes "expected an answer, but ...". */
export class BrokenReply extends Error {
  readonly problem: string

  constructor(problem: string) {
    super(problem)
    this.problem = problem
  }
}

/**
 * A client's error as `model_unavailable`, naming the settings to look at. What the server said is left out: some servers
 * repeat the key that was wrong.
 */
export function toModelError(error: unknown, address: ModelAddress): MillraceError {
  const server = placeOf(address.baseUrl)
  const status = error instanceof APIError ? (error.status ?? null) : null
  const { problem, retryable } = describe(error, status)
  return new MillraceError(
    'model_unavailable',
    `expected an answer from model ${address.model} at ${server}, but ${problem}; ` +
      'check OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL',
    { retryable, details: { model: address.model, server, status } },
  )
}

const hints: Readonly<Record<number, string>> = {
  400: ' (it does not accept such a request)',
  401: ' (the key was refused)',
  403: ' (the key may not use this model)',
  404: ' (no such model, or no such path)',
  429: ' (too many requests, or no quota left)',
}

function describe(error: unknown, status: number | null): { problem: string; retryable: boolean } {
  if (error instanceof BrokenReply) return { problem: error.problem, retryable: true }
  if (error instanceof APIConnectionError)
    return { problem: `the connection failed${causeOf(error)}`, retryable: true }
  if (status !== null)
    return {
      problem: `it answered with HTTP ${status}${hints[status] ?? ''}`,
      retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    }
  return { problem: 'its reply is not the stream of a chat completion', retryable: false }
}

/** The code of the innermost cause, such as ECONNREFUSED. */
function causeOf(error: unknown): string {
  let code = ''
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ('code' in at && typeof at.code === 'string') code = ` (${at.code})`
  return code
}

/** The server without what a URL may hold beside it: user, password, query. */
function placeOf(baseUrl: string | undefined): string {
  const url = URL.parse(baseUrl ?? defaultBaseUrl)
  return url ? `${url.origin}${url.pathname}` : 'OPENAI_BASE_URL'
}

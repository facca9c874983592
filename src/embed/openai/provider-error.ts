import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai'
import { isMillraceError, MillraceError } from '../../base/errors.ts'

/** True when the provider refuses what the request holds, rather than the request or its sender. */
export function isInputRefusal(error: unknown): error is APIError {
  return error instanceof APIError && [400, 413, 422].includes(error.status ?? 0)
}

/**
 * Translates what the openai package threw. A server's own text is never passed on, nor the error that holds it:
 * servers quote the input, and parts of the key, in it.
 */
export function translateProviderError(error: unknown, server: string): MillraceError {
  if (isMillraceError(error)) return error
  if (error instanceof APIUserAbortError)
    return new MillraceError('aborted', 'embedding was aborted')
  if (error instanceof APIConnectionTimeoutError)
    return unavailable(`the embedding server ${server} did not answer in time`, {})
  if (error instanceof APIConnectionError)
    return unavailable(
      `the embedding server ${server} cannot be reached (${causeCode(error) ?? 'connection failed'}); check OPENAI_BASE_URL and that it is running`,
      {},
    )
  if (!(error instanceof APIError) || error.status === undefined) {
    const name = error instanceof Error ? error.name : typeof error
    return unavailable(
      `the embedding server ${server} did not answer with JSON (${name}); check OPENAI_BASE_URL, which usually ends in /v1`,
      {},
    )
  }
  return fromStatus(error, error.status, server)
}

function fromStatus(error: APIError, status: number, server: string): MillraceError {
  const code = identifier(error.code)
  const details = { status, code: code ?? null, retryAfterMs: retryAfterMs(error) }
  const answer = `the embedding server ${server} answered ${status}${code === undefined ? '' : ` (${code})`}`
  if (code === 'insufficient_quota')
    return unavailable(`${answer}; check the plan and the billing of OPENAI_API_KEY`, details)
  if (status === 408 || status === 409 || status === 429 || status >= 500)
    return unavailable(`${answer} to every attempt; try again later`, details)
  return new MillraceError('embedder_rejected', `${answer}; check ${settingOf(status)}`, {
    details,
  })
}

function settingOf(status: number): string {
  if (status === 401 || status === 403) return 'OPENAI_API_KEY'
  if (status === 404) return 'OPENAI_EMBEDDING_MODEL and OPENAI_BASE_URL, which usually ends in /v1'
  if (status === 400 || status === 413 || status === 422)
    return 'OPENAI_EMBEDDING_MODEL and OPENAI_EMBEDDING_DIMENSIONS: it refuses even a plain word'
  return 'OPENAI_BASE_URL'
}

function unavailable(
  message: string,
  details: Record<string, string | number | null>,
): MillraceError {
  return new MillraceError('embedder_unavailable', message, { retryable: true, details })
}

/** What the server asked to wait, for whoever pauses the work; null when it did not. */
function retryAfterMs(error: APIError): number | null {
  const seconds = Number.parseFloat(error.headers?.get('retry-after') ?? '')
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : null
}

function causeCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return identifier(current.code)
  }
  return undefined
}

/** A code only if it looks like one: what a server sends is not trusted with a message. */
function identifier(code: unknown): string | undefined {
  return typeof code === 'string' && /^[\w.-]{1,48}$/.test(code) ? code : undefined
}

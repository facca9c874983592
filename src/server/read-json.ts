import type { FastifyRequest } from 'fastify'
import { MillraceError } from '../base/errors.ts'
import type { ByteBudget } from './byte-budget.ts'
import { HttpError } from './http-error.ts'
import { mediaTypeOf } from './media-type.ts'
import { readBody } from './read-body.ts'

const maxJsonBytes = 64 * 1024

/** The JSON value of a small body. Fails with status 415 when it is another type, `invalid_argument` when it is broken. */
export async function readJson(
  request: FastifyRequest,
  deps: { budget: ByteBudget },
): Promise<unknown> {
  const mediaType = mediaTypeOf(request.headers['content-type'])
  if (mediaType !== 'application/json')
    throw new HttpError(
      415,
      'invalid_argument',
      `expected the Content-Type application/json, got "${mediaType}"`,
    )
  using lease = deps.budget.lease()
  const limits = { maxBodyBytes: maxJsonBytes, maxDecodedBytes: maxJsonBytes }
  const body = await readBody(request.raw, lease, limits)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // The parser's own message quotes the body.
    throw new MillraceError('invalid_argument', 'expected a body of JSON, got something else')
  }
}

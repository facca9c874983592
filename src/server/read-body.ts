import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { MillraceError } from '../base/errors.ts'
import { createBodyDecoder } from './body-decoder.ts'
import type { ByteLease } from './byte-budget.ts'
import { HttpError } from './http-error.ts'

/*
 * Reading a body. Memory is bounded three times: by what is sent, by what that decompresses to (counted as it comes, so
 * a zip bomb is cut off at the limit), and by what all requests hold together, which is asked for before the first byte
 * is read. A refused request is answered while its body still comes in: the rest is read and dropped, so that the
 * sender sees the answer and not a reset; one that sends on and on is cut off.
 */

export interface BodyLimits {
  /** As sent. */
  maxBodyBytes: number
  /** Decompressed. */
  maxDecodedBytes: number
}

/** A request costs this much even when its body is tiny. */
const minLeaseBytes = 16 * 1024

/** Bytes of a refused body that are read to be dropped. */
const maxDroppedBytes = 64 * 1024 * 1024

/**
 * The whole body, decompressed. Fails with `limit_exceeded` (413), `throughput_exceeded` (503) when all requests together
 * hold too much, status 415 for an unknown Content-Encoding, `invalid_argument` when it does not decompress, `aborted`
 * when the sender goes away.
 */
export async function readBody(
  request: IncomingMessage,
  lease: ByteLease,
  limits: BodyLimits,
): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  try {
    if (declared > limits.maxBodyBytes) throw tooLarge('a body', limits.maxBodyBytes)
    const decoder = createBodyDecoder(request.headers['content-encoding'])
    if (!lease.growTo(Math.max(declared, minLeaseBytes))) throw busy()
    return await collect(request, decoder, lease, limits)
  } catch (error) {
    dropRest(request)
    throw error
  }
}

async function collect(
  request: IncomingMessage,
  decoder: Transform,
  lease: ByteLease,
  limits: BodyLimits,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let received = 0
  let decoded = 0
  const onData = (chunk: Buffer) => {
    received += chunk.length
    if (received > limits.maxBodyBytes) reject(tooLarge('a body', limits.maxBodyBytes))
    else if (!decoder.write(chunk)) request.pause()
  }
  const onEnd = () => decoder.end()
  const onClose = () => {
    if (!request.complete) reject(new MillraceError('aborted', 'the sender went away'))
  }
  decoder.on('drain', () => request.resume())
  decoder.on('data', (chunk: Buffer) => {
    decoded += chunk.length
    if (decoded > limits.maxDecodedBytes)
      reject(tooLarge('a decompressed body', limits.maxDecodedBytes))
    else if (!lease.growTo(decoded)) reject(busy())
    else chunks.push(chunk)
  })
  decoder.on('end', () => resolve(Buffer.concat(chunks, decoded)))
  decoder.on('error', (error) => reject(undecodable(request, error)))
  request.on('data', onData)
  request.on('end', onEnd)
  request.on('close', onClose)
  request.on('error', onClose)
  try {
    return await promise
  } finally {
    request.off('data', onData)
    request.off('end', onEnd)
    request.off('close', onClose)
    decoder.destroy()
  }
}

function dropRest(request: IncomingMessage): void {
  let dropped = 0
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length
    if (dropped > maxDroppedBytes) request.destroy()
  })
  request.resume()
}

function tooLarge(what: string, limit: number): MillraceError {
  return new MillraceError(
    'limit_exceeded',
    `expected ${what} of at most ${limit} bytes; send its records in several requests`,
    { details: { limit } },
  )
}

function busy(): MillraceError {
  return new MillraceError(
    'throughput_exceeded',
    'the requests under way hold all the memory there is for them; send this one again in a moment',
    { retryable: true },
  )
}

function undecodable(request: IncomingMessage, cause: unknown): HttpError {
  const encoding = request.headers['content-encoding']
  return new HttpError(
    400,
    'invalid_argument',
    `expected a body in the Content-Encoding ${encoding}, got one that is broken or cut off`,
    { cause },
  )
}

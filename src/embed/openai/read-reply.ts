import { MillraceError } from '../../base/errors.ts'
import { unitVector } from '../unit-vector.ts'

/**
 * The vectors of a reply of /embeddings, in the order of the request's texts, at unit length.
 *
 * Servers that call themselves compatible differ, and a proxy may answer in their place, so nothing is believed:
 * fails with `embedder_unavailable` when it is not one finite vector for each text, and with `embedder_rejected` when
 * the vectors' dimensions are not the expected ones, which trying again would not change.
 */
export function readReply(
  reply: unknown,
  expected: { count: number; dimensions: number | undefined },
): Float32Array[] {
  const items = isRecord(reply) ? reply.data : undefined
  if (!Array.isArray(items)) throw garbage('it has no list "data"')
  if (items.length !== expected.count)
    throw garbage(`expected ${expected.count} vectors, got ${items.length}`)

  const vectors = new Map<number, Float32Array>()
  for (const item of items) {
    const { index, embedding }: Record<string, unknown> = isRecord(item) ? item : {}
    const isPlace = Number.isInteger(index) && Number(index) >= 0 && Number(index) < expected.count
    if (!isPlace || vectors.has(Number(index)))
      throw garbage('its vectors are not numbered as the texts are')
    const vector = isNumbers(embedding) ? unitVector(embedding) : undefined
    if (vector === undefined) throw garbage(`vector ${index} is not a list of finite numbers`)
    vectors.set(Number(index), vector)
  }

  const ordered = [...vectors].sort(([a], [b]) => a - b).map(([, vector]) => vector)
  const dimensions = expected.dimensions ?? ordered[0]?.length
  for (const vector of ordered) {
    if (vector.length !== dimensions)
      throw new MillraceError(
        'embedder_rejected',
        `expected vectors of ${dimensions} dimensions, the embedding model returned ${vector.length}; check OPENAI_EMBEDDING_MODEL and OPENAI_EMBEDDING_DIMENSIONS`,
        { details: { expected: dimensions ?? null, found: vector.length } },
      )
  }
  return ordered
}

/**
 * The tokens that a reply says were used. 0 when it does not say: a server that does not count is one's own, bills
 * nobody, and an estimate would look like a bill.
 */
export function readTokens(reply: unknown): number {
  const usage = isRecord(reply) && isRecord(reply.usage) ? reply.usage : {}
  const counts = [usage.total_tokens, usage.prompt_tokens]
  return counts.filter(isCount)[0] ?? 0
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function garbage(what: string): MillraceError {
  return new MillraceError(
    'embedder_unavailable',
    `the embedding server's reply is not one to /embeddings: ${what}; check OPENAI_BASE_URL, which usually ends in /v1`,
    { retryable: true },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
}

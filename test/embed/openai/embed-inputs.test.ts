import { expect, test } from 'vitest'
import { createOpenAiEmbedder } from '../../../src/embed/openai/openai-embedder.ts'
import {
  type Answer,
  type EmbeddingRequest,
  type EmbeddingServer,
  embeddingServer,
} from './embedding-server.ts'

const open = ({ url }: EmbeddingServer, maxInputs = 256) =>
  createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 4, maxRetries: 0, maxInputs })

const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`)

const refusal = (status = 400): Answer => ({ status, body: { error: { message: 'no' } } })
const refuses =
  (isRefused: (request: EmbeddingRequest) => boolean, status = 400) =>
  (request: EmbeddingRequest) =>
    isRefused(request) ? refusal(status) : undefined

test.each([400, 422])(
  'an input refused with %i has no vector and its neighbours have theirs',
  async (status) => {
    const server = await embeddingServer(
      refuses((request) => request.texts.includes('text 37'), status),
    )
    const vectors = await (await open(server)).embed(texts(100))
    expect(vectors.flatMap((vector, index) => (vector === null ? [index] : []))).toEqual([37])
    // Halving 100 takes at most 7 refusals, as many acceptances, and the plain text.
    expect(server.requests.length).toBeLessThanOrEqual(1 + 2 * 7 + 1)
  },
)

test('when even a plain text is refused, the call fails instead of losing its vectors', async () => {
  const server = await embeddingServer(() => refusal())
  const embedder = await open(server)
  await expect(embedder.embed(texts(100))).rejects.toMatchObject({
    code: 'embedder_rejected',
    retryable: false,
    message: expect.stringMatching(/400.*OPENAI_EMBEDDING_MODEL.*OPENAI_EMBEDDING_DIMENSIONS/),
  })
  expect(server.requests).toHaveLength(2)
})

test('an input that is refused for its length is embedded by its beginning', async () => {
  const server = await embeddingServer(
    refuses((request) => request.texts.some((text) => text.length > 2000), 413),
  )
  const vectors = await (await open(server)).embed(['a', 'x'.repeat(5000), 'b'])
  expect(vectors.map((vector) => vector?.length)).toEqual([4, 4, 4])
  expect(server.requests.at(-1)?.texts).toEqual(['x'.repeat(1500)])
})

test('a server that takes fewer inputs is sent fewer from the next call on', async () => {
  const server = await embeddingServer(refuses((request) => request.texts.length > 8, 413))
  const embedder = await open(server, 32)
  expect((await embedder.embed(texts(32))).every((vector) => vector?.length === 4)).toBe(true)
  server.requests.length = 0
  expect((await embedder.embed(texts(32))).every((vector) => vector?.length === 4)).toBe(true)
  expect(server.requests.map((request) => request.texts.length)).toEqual([8, 8, 8, 8])
})

test('one refused input does not make later requests smaller', async () => {
  const server = await embeddingServer(refuses((request) => request.texts.includes('text 0')))
  const embedder = await open(server)
  await embedder.embed(texts(8))
  server.requests.length = 0
  await embedder.embed(texts(9).slice(1))
  expect(server.requests).toHaveLength(1)
})

test('the first request that fails for good ends the others, and its error is the call’s', async () => {
  const server = await embeddingServer(async (request) => {
    if (!request.texts.includes('text 1')) return 'hang'
    await server.arrived(3)
    return { status: 401, body: {} }
  })
  const embedder = await open(server, 1)
  await expect(embedder.embed(texts(3))).rejects.toMatchObject({ code: 'embedder_rejected' })
  await server.dropped(2)
})

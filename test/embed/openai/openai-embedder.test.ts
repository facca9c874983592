import { expect, test } from 'vitest'
import {
  createOpenAiEmbedder,
  type OpenAiEmbedderOptions,
} from '../../../src/embed/openai/openai-embedder.ts'
import { cosine, lengthOf } from '../cosine.ts'
import { type EmbeddingServer, embeddingServer, vectorOf } from './embedding-server.ts'

const open = ({ url }: EmbeddingServer, options: Partial<OpenAiEmbedderOptions> = {}) =>
  createOpenAiEmbedder({
    model: 'test',
    baseUrl: url,
    dimensions: 4,
    maxRetries: 0,
    ...options,
  })

const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`)

test('vectors come in the texts’ order and at unit length, whatever the reply’s order', async () => {
  const embedder = await open(await embeddingServer())
  const vectors = await embedder.embed(['a', 'bb', 'ccc'])
  for (const [index, text] of ['a', 'bb', 'ccc'].entries()) {
    expect(cosine(vectors[index], vectorOf(text))).toBeCloseTo(1, 6)
    expect(lengthOf(vectors[index])).toBeCloseTo(1, 6)
  }
})

test('a request asks for plain floats, and for dimensions only when they are configured', async () => {
  const server = await embeddingServer()
  await (await open(server, { apiKey: 'sk-1' })).embed(['a'])
  await open(server, { dimensions: undefined })
  const [asked, probe] = server.requests
  expect(asked?.body).toEqual({
    model: 'test',
    input: ['a'],
    encoding_format: 'float',
    dimensions: 4,
  })
  expect(asked?.headers.authorization).toBe('Bearer sk-1')
  expect(probe?.body).not.toHaveProperty('dimensions')
  expect(probe?.headers.authorization).toBe('Bearer none')
})

test('the id names the server unless it is OpenAI’s own, the model and the dimensions', async () => {
  const server = await embeddingServer()
  const { host } = new URL(server.url)
  expect((await open(server)).id).toBe(`openai@${host}/v1:test:4`)
  const own = { model: 'text-embedding-3-small', dimensions: 512 }
  expect((await createOpenAiEmbedder(own)).id).toBe('openai:text-embedding-3-small:512')
  const slash = { ...own, baseUrl: 'https://api.openai.com/v1/' }
  expect((await createOpenAiEmbedder(slash)).id).toBe('openai:text-embedding-3-small:512')
  const secret = { ...own, baseUrl: 'https://user:pass@gateway.test/openai?key=secret' }
  expect((await createOpenAiEmbedder(secret)).id).toBe(
    'openai@gateway.test/openai:text-embedding-3-small:512',
  )
})

test('unconfigured dimensions are those of the model, and every later vector must have them', async () => {
  const server = await embeddingServer(({ texts: [text] }) =>
    text === 'odd' ? { body: { data: [{ index: 0, embedding: [1, 2, 3] }] } } : undefined,
  )
  const embedder = await open(server, { dimensions: undefined })
  expect(embedder.dimensions).toBe(4)
  await expect(embedder.embed(['odd'])).rejects.toMatchObject({ code: 'embedder_rejected' })
})

test('texts are sent in requests of at most 2,048, or fewer if so configured', async () => {
  const server = await embeddingServer()
  await (await open(server)).embed(texts(2600))
  expect(server.requests.map((request) => request.texts.length).sort()).toEqual([2048, 552])
  server.requests.length = 0
  await (await open(server, { maxInputs: 256 })).embed(texts(600))
  expect(server.requests.map((request) => request.texts.length).sort()).toEqual([256, 256, 88])
  server.requests.length = 0
  await (await open(server, { maxInputs: 1_000_000 })).embed(texts(2100))
  expect(server.requests.map((request) => request.texts.length).sort()).toEqual([2048, 52])
})

test('requests run in a pool: never more than `parallel`, and one that hangs holds up no other', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>()
  let running = 0
  let most = 0
  const server = await embeddingServer(async (request) => {
    running += 1
    most = Math.max(most, running)
    if (request.texts.includes('text 0')) await released
    running -= 1
    return undefined
  })
  const embedder = await open(server, { maxInputs: 1, parallel: 2 })
  const call = embedder.embed(texts(10))
  await server.arrived(10)
  expect(most).toBeLessThanOrEqual(2)
  release(undefined)
  expect(await call).toHaveLength(10)
  expect(most).toBe(2)
})

test('blank texts have no vector and are not sent', async () => {
  const server = await embeddingServer()
  const embedder = await open(server)
  expect(await embedder.embed(['', ' \n'])).toEqual([null, null])
  expect(server.requests).toHaveLength(0)
  expect((await embedder.embed(['a', '', 'b'])).map((vector) => vector?.length)).toEqual([
    4,
    undefined,
    4,
  ])
})

test('a text too long for any model is sent by its beginning, whole characters only', async () => {
  const server = await embeddingServer()
  await (await open(server)).embed(['é'.repeat(1_000_000)])
  expect(server.requests[0]?.texts).toEqual(['é'.repeat(4000)])
})

test('a hanging call ends when it is aborted, and so does its request', async () => {
  const server = await embeddingServer(() => 'hang')
  const embedder = await open(server)
  const stop = new AbortController()
  const call = embedder.embed(['a'], { signal: stop.signal })
  await server.arrived(1)
  stop.abort()
  await expect(call).rejects.toMatchObject({ code: 'aborted' })
  await server.dropped(1)
  await expect(embedder.embed(['a'], { signal: stop.signal })).rejects.toMatchObject({
    code: 'aborted',
  })
})

test('close ends hanging calls; it can be repeated, and nothing is embedded after it', async () => {
  const server = await embeddingServer(() => 'hang')
  const embedder = await open(server)
  const call = embedder.embed(['a'])
  await server.arrived(1)
  const [outcome] = await Promise.allSettled([call, embedder.close(), embedder.close()])
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } })
  await server.dropped(1)
  await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'aborted' })
})

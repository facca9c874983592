import { expect, test } from 'vitest'
import { createOpenAiEmbedder } from '../../../src/embed/openai/openai-embedder.ts'
import { embeddingServer, rightReply } from './embedding-server.ts'

const right = rightReply(['a', 'b']).data
const replies: [string, unknown][] = [
  ['an HTML page', '<html><body>502 Bad Gateway</body></html>'],
  ['nothing', null],
  ['no data', { object: 'list' }],
  ['data that is no list', { data: 'x' }],
  ['too few vectors', { data: right.slice(1) }],
  ['too many vectors', { data: [...right, ...right] }],
  ['the same place twice', { data: [right[0], right[0]] }],
  ['a place that is none', { data: [right[0], { ...right[1], index: 2 }] }],
  ['no places', { data: right.map(({ embedding }) => ({ embedding })) }],
  ['items that are no objects', { data: [null, 1] }],
  ['vectors that are text', { data: right.map((item) => ({ ...item, embedding: 'AAAA' })) }],
  ['nulls for numbers', { data: right.map((item) => ({ ...item, embedding: [1, null, 3, 4] })) }],
  ['zeros', { data: right.map((item) => ({ ...item, embedding: [0, 0, 0, 0] })) }],
  ['empty vectors', { data: right.map((item) => ({ ...item, embedding: [] })) }],
]

test.each(replies)('a reply of %s is a server that is unavailable', async (_what, body) => {
  const { url } = await embeddingServer(() => ({ body }))
  const embedder = await createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 4 })
  await expect(embedder.embed(['a', 'b'])).rejects.toMatchObject({
    code: 'embedder_unavailable',
    retryable: true,
  })
})

test('JSON that is broken off is a server that is unavailable', async () => {
  const headers = { 'content-type': 'application/json' }
  const { url } = await embeddingServer(() => ({ headers, body: '{"data": [' }))
  const embedder = await createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 4 })
  await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'embedder_unavailable' })
})

test('vectors of other dimensions than configured are a wrong configuration', async () => {
  const { url } = await embeddingServer()
  const embedder = await createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 5 })
  await expect(embedder.embed(['a', 'b'])).rejects.toMatchObject({
    code: 'embedder_rejected',
    retryable: false,
    message: expect.stringMatching(/5 dimensions.*returned 4.*OPENAI_EMBEDDING_DIMENSIONS/),
  })
})

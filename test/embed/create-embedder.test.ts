import { expect, test } from 'vitest'
import { createEmbedder } from '../../src/embed/create-embedder.ts'
import { memoryLogger } from './memory-logger.ts'
import { embeddingServer } from './openai/embedding-server.ts'

test('without a configured model it is the built-in one', async () => {
  await using embedder = await createEmbedder(memoryLogger(), undefined)
  expect(embedder).toMatchObject({ id: 'builtin:all-MiniLM-L6-v2:384', dimensions: 384 })
})

test('with one it is that of the configured server', async () => {
  const { url } = await embeddingServer()
  await using embedder = await createEmbedder(memoryLogger(), {
    model: 'm',
    baseUrl: url,
    apiKey: undefined,
    dimensions: undefined,
  })
  expect(embedder.id).toBe(`openai@${new URL(url).host}/v1:m:4`)
  expect(await embedder.embed(['a'])).toHaveLength(1)
})

import { expect, test } from 'vitest'
import { loadConfig } from '../../src/base/config.ts'
import { createEmbedder } from '../../src/embed/create-embedder.ts'
import { memoryLogger } from './memory-logger.ts'
import { embeddingServer } from './openai/embedding-server.ts'

test('without a configured model it is the built-in one', async () => {
  await using embedder = await createEmbedder(memoryLogger(), undefined)
  expect(embedder).toMatchObject({ id: 'builtin:all-MiniLM-L6-v2:384', dimensions: 384 })
})

test('with one it is that of the configured server', async () => {
  const server = await embeddingServer()
  const { url } = server
  await using embedder = await createEmbedder(memoryLogger(), {
    model: 'm',
    baseUrl: url,
    apiKey: undefined,
    dimensions: undefined,
    maxInputs: 2,
  })
  expect(embedder.id).toBe(`openai@${new URL(url).host}/v1:m:4`)
  expect(await embedder.embed(['a', 'b', 'c'])).toHaveLength(3)
  expect(server.requests.map((request) => request.texts.length)).toEqual([1, 2, 1])
})

test.each([
  [{}, 2048],
  [{ OPENAI_EMBEDDING_BATCH: '64' }, 64],
])('requests are filled to the provider’s limit unless %j says less', (environment, maxInputs) => {
  const config = loadConfig({ OPENAI_API_KEY: 'k', OPENAI_EMBEDDING_MODEL: 'e', ...environment })
  expect(config.embeddingModel?.maxInputs).toBe(maxInputs)
})

test.each(['0', '2049', 'many'])('a request of %s texts is refused as a configuration', (batch) => {
  expect(() => loadConfig({ OPENAI_EMBEDDING_BATCH: batch })).toThrow(/OPENAI_EMBEDDING_BATCH/)
})

import { expect, onTestFinished, test } from 'vitest'
import { dimensions, isVectorOf } from '../../bench/chaos/text-vector.ts'
import { startOutageServer } from '../../bench/outage/embedding-server.ts'
import { readLogEvent } from '../../bench/outage/worker-log.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'

test('the provider of an outage is well, away, broken and well again at one address, and counts tokens of answers', async () => {
  const server = await startOutageServer()
  const embedder = await createOpenAiEmbedder({
    model: 'outage',
    baseUrl: server.url,
    dimensions,
    maxRetries: 0,
  })
  onTestFinished(async () => {
    await embedder.close()
    await server[Symbol.asyncDispose]()
  })
  const [vector] = await embedder.embed(['three words here'])
  expect(isVectorOf('three words here', vector ?? null)).toBe(true)
  expect(server.counts()).toEqual({ requests: 1, tokens: 3 })

  await server.goAway()
  await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'embedder_unavailable' })
  expect(server.counts().requests).toBe(1)

  await server.comeBackBroken()
  await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'embedder_unavailable' })
  expect(server.counts()).toEqual({ requests: 2, tokens: 3 })

  server.recover()
  await embedder.embed(['a b'])
  expect(server.counts()).toEqual({ requests: 3, tokens: 5 })
})

test('of a worker’s log an outage reads the breaker and what was blamed, and nothing else', () => {
  const opened =
    '{"level":40,"time":5,"waitMs":800,"code":"embedder_unavailable","msg":"breaker.opened"}'
  expect(readLogEvent(opened)).toEqual({
    at: 5,
    event: 'breaker.opened',
    waitMs: 800,
    code: 'embedder_unavailable',
  })
  expect(readLogEvent('{"level":30,"time":5,"msg":"segments.retired"}')).toBeNull()
  expect(readLogEvent('(node) a warning')).toBeNull()
})

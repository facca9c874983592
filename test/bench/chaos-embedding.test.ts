import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmbeddingServer } from '../../bench/chaos/embedding-server.ts'
import { embeddingModes } from '../../bench/chaos/plan-faults.ts'
import { dimensions, isVectorOf } from '../../bench/chaos/text-vector.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'

async function openRig(timeoutMs = 10_000) {
  const server = await startEmbeddingServer()
  const embedder = await createOpenAiEmbedder({
    model: 'chaos',
    baseUrl: server.url,
    dimensions,
    maxRetries: 0,
    timeoutMs,
  })
  onTestFinished(async () => {
    await embedder.close()
    await server[Symbol.asyncDispose]()
  })
  return { server, embedder }
}

describe('the embedding server of a chaos run', () => {
  test('gives each text a vector of its own while it is well', async () => {
    const { embedder } = await openRig()
    const [a, b] = await embedder.embed(['a', 'b'])
    expect(isVectorOf('a', a ?? null)).toBe(true)
    expect(isVectorOf('b', b ?? null)).toBe(true)
    expect(isVectorOf('a', b ?? null)).toBe(false)
    expect(isVectorOf('a', null)).toBe(false)
  })

  test.each(embeddingModes)(
    'fails every request in the mode "%s", and is well again after it',
    async (mode) => {
      const { server, embedder } = await openRig(mode === 'hang' ? 1_000 : undefined)
      await server.setMode(mode)
      await expect(embedder.embed(['a', 'b'])).rejects.toMatchObject({
        code: mode === 'wrong lengths' ? 'embedder_rejected' : 'embedder_unavailable',
      })
      await server.setMode('well')
      await expect(embedder.embed(['a', 'b'])).resolves.toHaveLength(2)
      // Away, it hears of no request.
      expect(server.counts()).toEqual(mode === 'away' ? { well: 1 } : { [mode]: 1, well: 1 })
    },
  )

  test('says how long to wait when it has too many requests', async () => {
    const { server, embedder } = await openRig()
    await server.setMode('too many requests')
    await expect(embedder.embed(['a'])).rejects.toMatchObject({
      details: { status: 429, retryAfterMs: 1_000 },
    })
  })
})

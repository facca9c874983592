import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import {
  type CachedEmbedderOptions,
  createCachedEmbedder,
} from '../../src/embed/cached-embedder.ts'
import { contentHash } from '../../src/embed/content-hash.ts'
import type { Embedder } from '../../src/embed/embedder.ts'
import { claimTexts } from '../../src/embed/embedding-claim.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { testDatabase } from '../support/database.ts'
import { fakeEmbedder, fakeVector } from './fake-embedder.ts'
import { type Answer, embeddingServer } from './openai/embedding-server.ts'

// Each cache here is what another process would be: its own embedder, its own claims.
const { pool } = await testDatabase()
const modelId = await registerModel(pool, fakeEmbedder())
const ownModel = await registerModel(pool, { id: 'test:4', dimensions: 4 })

beforeEach(() => pool.query('delete from millrace.embedding_claim'))

const cached = (embedder: Embedder, options: CachedEmbedderOptions = {}) =>
  createCachedEmbedder({ pool, embedder, modelId }, options)

const named = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`)

const claims = async () => {
  const { rows } = await pool.query('select from millrace.embedding_claim')
  return rows.length
}

const overHttp = (url: string) =>
  createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 4, maxRetries: 0 })

const cachedOverHttp = async (url: string) =>
  createCachedEmbedder({ pool, embedder: await overHttp(url), modelId: ownModel })

const down = () => new MillraceError('embedder_unavailable', 'down', { retryable: true })

test('ten calls of one process at once send 5,000 texts in at most 4 requests', async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>()
  const server = await embeddingServer(() => opened)
  const embedder = await overHttp(server.url)
  let asked = 0
  const cache = createCachedEmbedder({
    pool,
    embedder: {
      ...embedder,
      embed(texts, options) {
        asked += texts.length
        return embedder.embed(texts, options)
      },
    },
    modelId: ownModel,
  })
  const calls = named(`fill ${randomUUID()}`, 10).map((name) => cache.embed(named(name, 500)))
  // However their statements interleave: two unfilled requests at most, and one filled by the others.
  await expect.poll(() => asked, { timeout: 30_000 }).toBe(5000)
  await server.arrived(3)
  open(undefined)
  for (const vectors of await Promise.all(calls)) expect(vectors).not.toContain(null)
  const sizes = server.requests.map(({ texts }) => texts.length)
  expect(sizes.length).toBeLessThanOrEqual(4)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2048)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5000)
  expect(await claims()).toBe(0)
})

test('processes that want the same texts at once pay for each once', async () => {
  const server = await embeddingServer()
  const texts = named('both', 1000)
  const caches = [await cachedOverHttp(server.url), await cachedOverHttp(server.url)]
  const calls = await Promise.all([caches[0]?.embed(texts), caches[1]?.embed(texts.toReversed())])
  for (const vectors of calls) expect(vectors).not.toContain(null)
  expect(server.requests.flatMap((request) => request.texts).sort()).toEqual(texts.toSorted())
  expect(await claims()).toBe(0)
})

test('a claim that is not renewed is taken over when it has expired, not before', async () => {
  const hash = contentHash('taken over')
  const mine = await claimTexts(pool, modelId, [hash], { owner: 'dead', claimMs: 700 })
  expect(mine).toEqual(new Set([hash]))
  const embedder = fakeEmbedder({
    answer: async (texts) => {
      const { rows } = await pool.query(
        `select owner, expires_at > clock_timestamp() as lives from millrace.embedding_claim`,
      )
      expect(rows).toMatchObject([{ owner: expect.not.stringContaining('dead'), lives: true }])
      return texts.map(fakeVector)
    },
  })
  expect(await claimTexts(pool, modelId, [hash], { owner: 'late', claimMs: 700 })).toEqual(
    new Set(),
  )
  expect(await cached(embedder).embed(['taken over'])).not.toContain(null)
  expect(embedder.calls).toHaveLength(1)
})

test('claims are renewed for as long as the embedder takes', async () => {
  const expiry = async (): Promise<number> => {
    const { rows } = await pool.query('select expires_at from millrace.embedding_claim')
    return rows[0]?.expires_at.getTime()
  }
  const slow = fakeEmbedder({
    answer: async (texts) => {
      for (let renewals = 0; renewals < 2; renewals += 1) {
        const before = await expiry()
        await expect.poll(expiry).toBeGreaterThan(before)
      }
      return texts.map(fakeVector)
    },
  })
  await cached(slow, { claimMs: 600 }).embed(['renewed'])
  expect(await claims()).toBe(0)
})

test('a failure gives up the claims at once, and who waits for them embeds the texts', async () => {
  const { promise: held, resolve: fail } = Promise.withResolvers<void>()
  const failing = fakeEmbedder({
    answer: async () => {
      await held
      throw down()
    },
  })
  const other = fakeEmbedder()
  const first = cached(failing).embed(['x', 'y'])
  await expect.poll(claims).toBe(2)
  const second = cached(other).embed(['y', 'x'])
  fail()
  await expect(first).rejects.toMatchObject({ code: 'embedder_unavailable' })
  expect(await second).not.toContain(null)
  expect(other.calls.flat().sort()).toEqual(['x', 'y'])
})

test('a text without a vector is not waited for longer than its embedding takes', async () => {
  const answer = async (texts: readonly string[]) => texts.map(() => null)
  const [one, two] = [fakeEmbedder({ answer }), fakeEmbedder({ answer })]
  const calls = await Promise.all([cached(one).embed(['bad']), cached(two).embed(['bad'])])
  expect(calls).toEqual([[null], [null]])
  expect(await claims()).toBe(0)
})

test('an aborted call gives up its claims, one that waits for others’ just ends', async () => {
  const hanging = fakeEmbedder({
    answer: (_texts, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new MillraceError('aborted', 'aborted')))
      }),
  })
  const [holds, waits] = [new AbortController(), new AbortController()]
  const holder = cached(hanging).embed(['hang'], { signal: holds.signal })
  await expect.poll(claims).toBe(1)
  const waiter = cached(fakeEmbedder()).embed(['hang'], { signal: waits.signal })
  waits.abort()
  await expect(waiter).rejects.toMatchObject({ code: 'aborted' })
  expect(await claims()).toBe(1)
  holds.abort()
  await expect(holder).rejects.toMatchObject({ code: 'aborted' })
  expect(await claims()).toBe(0)
})

test('close ends the waiting for others, and no claim is left when it is done', async () => {
  await claimTexts(pool, modelId, [contentHash('theirs')], { owner: 'them', claimMs: 30_000 })
  const server = await embeddingServer((): Answer => 'hang')
  const cache = createCachedEmbedder({
    pool,
    embedder: await createOpenAiEmbedder({ model: 'test', baseUrl: server.url, dimensions: 8 }),
    modelId,
  })
  const waiting = cache.embed(['theirs'])
  const working = cache.embed(['ours'])
  await server.arrived(1)
  const [one, two] = await Promise.allSettled([waiting, working, cache.close()])
  expect([one, two]).toMatchObject([
    { status: 'rejected', reason: { code: 'aborted' } },
    { status: 'rejected', reason: { code: 'aborted' } },
  ])
  expect(await claims()).toBe(1)
})

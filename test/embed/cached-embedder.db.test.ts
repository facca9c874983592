import { beforeEach, expect, test } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import { createCachedEmbedder } from '../../src/embed/cached-embedder.ts'
import type { EmbedUsage } from '../../src/embed/embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { testDatabase } from '../support/database.ts'
import { cosine } from './cosine.ts'
import { type FakeEmbedder, fakeEmbedder, fakeVector } from './fake-embedder.ts'

const { pool } = await testDatabase()
let modelId: number

beforeEach(async () => {
  await pool.query('delete from millrace.embedding_cache')
  modelId = await registerModel(pool, fakeEmbedder())
})

const cached = (embedder: FakeEmbedder, id = modelId) =>
  createCachedEmbedder({ pool, embedder, modelId: id })

async function storedCount(): Promise<number> {
  const { rows } = await pool.query('select count(*)::int as count from millrace.embedding_cache')
  return rows[0]?.count
}

const someVector = (text: string) => fakeVector(text) ?? new Float32Array(8)

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`)

test('a text is embedded once, and then comes from the table with the same vector', async () => {
  const embedder = fakeEmbedder()
  const first = await cached(embedder).embed(['a', 'b'])
  const second = await cached(embedder).embed(['b', 'a'])
  expect(embedder.calls).toEqual([['a', 'b']])
  expect(cosine(first[0], second[1])).toBeGreaterThan(0.999999)
  expect(cosine(first[1], second[0])).toBeGreaterThan(0.999999)
})

test('only what is not stored is embedded, each distinct text once, and places are kept', async () => {
  const embedder = fakeEmbedder()
  await cached(embedder).embed(['b'])
  const texts = ['c', 'b', 'a', 'c', 'b', 'c']
  const vectors = await cached(embedder).embed(texts)
  expect(embedder.calls).toEqual([['b'], ['c', 'a']])
  for (const [index, text] of texts.entries())
    expect(cosine(vectors[index], fakeVector(text))).toBeGreaterThan(0.999999)
})

test('texts that differ at all are different texts', async () => {
  const embedder = fakeEmbedder()
  const texts = ['a', 'A', 'a ', '\u00e9', 'e\u0301', '']
  await cached(embedder).embed(texts)
  expect(embedder.calls).toEqual([texts])
  expect(await storedCount()).toBe(texts.length)
})

test('no texts are no work', async () => {
  const embedder = fakeEmbedder()
  expect(await cached(embedder).embed([])).toEqual([])
  expect(embedder.calls).toEqual([])
})

test('vectors of two models never meet', async () => {
  const other = fakeEmbedder({
    id: 'fake-other:8',
    answer: async (texts) => texts.map(() => Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0)),
  })
  const otherId = await registerModel(pool, other)
  await cached(fakeEmbedder()).embed(['a'])
  const [vector] = await cached(other, otherId).embed(['a'])
  expect(other.calls).toEqual([['a']])
  expect(vector?.[0]).toBe(1)
  expect(await storedCount()).toBe(2)
})

test('calls that want the same text at the same time embed it once', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
  const started = new Map(['a', 'c'].map((text) => [text, Promise.withResolvers<void>()]))
  const embedder = fakeEmbedder({
    answer: async (texts) => {
      for (const text of texts) started.get(text)?.resolve()
      return (await held) ?? texts.map(fakeVector)
    },
  })
  const cache = cached(embedder)
  const first = cache.embed(['a', 'b'])
  await started.get('a')?.promise
  const others = [cache.embed(['b', 'c']), cache.embed(['b'])]
  await started.get('c')?.promise
  release(undefined)
  const [second, third] = await Promise.all(others)
  expect(await first).toHaveLength(2)
  expect(embedder.calls).toEqual([['a', 'b'], ['c']])
  expect(cosine(second?.[0], fakeVector('b'))).toBeGreaterThan(0.999999)
  expect(cosine(third?.[0], fakeVector('b'))).toBeGreaterThan(0.999999)
})

test('a call whose text another had in flight survives that one’s abort', async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const embedder = fakeEmbedder({
    answer: (_texts, { signal }) => {
      if (!signal) return undefined
      start()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new MillraceError('aborted', 'aborted')))
      })
    },
  })
  const cache = cached(embedder)
  const stop = new AbortController()
  const first = cache.embed(['a'], { signal: stop.signal })
  await started
  const second = cache.embed(['a'])
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'aborted' })
  expect(cosine((await second)[0], fakeVector('a'))).toBeGreaterThan(0.999999)
})

test('a call can stop waiting for a text that another has in flight', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const embedder = fakeEmbedder({
    answer: async (texts) => {
      start()
      return (await held) ?? texts.map(fakeVector)
    },
  })
  const cache = cached(embedder)
  const first = cache.embed(['a'])
  await started
  const stop = new AbortController()
  const second = cache.embed(['a'], { signal: stop.signal })
  stop.abort()
  await expect(second).rejects.toMatchObject({ code: 'aborted' })
  release(undefined)
  expect(await first).toHaveLength(1)
})

test('a failure is that of every call that waits, is not stored, and the next call tries again', async () => {
  let isDown = true
  const embedder = fakeEmbedder({
    answer: (texts) =>
      isDown
        ? Promise.reject(new MillraceError('embedder_unavailable', 'down', { retryable: true }))
        : Promise.resolve(texts.map(fakeVector)),
  })
  const cache = cached(embedder)
  const outcomes = await Promise.allSettled([cache.embed(['a']), cache.embed(['a'])])
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'embedder_unavailable' } },
    { status: 'rejected', reason: { code: 'embedder_unavailable' } },
  ])
  expect(embedder.calls).toHaveLength(1)
  isDown = false
  expect(await cache.embed(['a'])).toHaveLength(1)
})

test('a text without a vector is not stored, its neighbours are', async () => {
  const embedder = fakeEmbedder({
    answer: async (texts) => texts.map((text) => (text === 'bad' ? null : fakeVector(text))),
  })
  const cache = cached(embedder)
  expect((await cache.embed(['a', 'bad', 'b'])).map((vector) => vector?.length)).toEqual([
    8,
    undefined,
    8,
  ])
  expect(await cache.embed(['bad', 'a'])).toMatchObject([null, expect.anything()])
  expect(embedder.calls).toEqual([['a', 'bad', 'b'], ['bad']])
})

test('what came before a failure is kept, however far the call had got', async () => {
  const embedder = fakeEmbedder({
    answer: async (texts, { onVectors }) => {
      onVectors?.(new Map(texts.slice(0, 40).map((text, place) => [place, someVector(text)])))
      throw new MillraceError('embedder_unavailable', 'down', { retryable: true })
    },
  })
  await expect(cached(embedder).embed(numbered(50))).rejects.toMatchObject({
    code: 'embedder_unavailable',
  })
  expect(await storedCount()).toBe(40)
  const next = fakeEmbedder()
  await cached(next).embed(numbered(50))
  expect(next.calls).toEqual([numbered(50).slice(40)])
})

test('a call of any size hands over at most 8,192 texts at a time, and stores them before the next', async () => {
  const embedder = fakeEmbedder({
    answer: (texts) =>
      texts.length < 8_192
        ? Promise.reject(new MillraceError('embedder_unavailable', 'down', { retryable: true }))
        : undefined,
  })
  await expect(cached(embedder).embed(numbered(8_200))).rejects.toMatchObject({
    code: 'embedder_unavailable',
  })
  expect(embedder.calls.map((texts) => texts.length)).toEqual([8_192, 8])
  expect(await storedCount()).toBe(8_192)
})

test('usage is that of the embedder behind it, and a stored text costs nothing', async () => {
  const embedder = fakeEmbedder({
    answer: async (texts, { onUsage }) => {
      onUsage?.({ requests: 1, tokens: texts.length })
      return texts.map(fakeVector)
    },
  })
  const told: EmbedUsage[] = []
  const onUsage = (usage: EmbedUsage) => told.push(usage)
  const cache = cached(embedder)
  await cache.embed(['a', 'b', 'a'], { onUsage })
  await cache.embed(['b', 'a'], { onUsage })
  await cache.embed(['b', 'c'], { onUsage })
  expect(told).toEqual([
    { requests: 1, tokens: 2 },
    { requests: 1, tokens: 1 },
  ])
})

test('the vector that was stored first stays', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const slow = fakeEmbedder({
    answer: async () => {
      start()
      return (await held) ?? [Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0)]
    },
  })
  const call = cached(slow).embed(['a'])
  await started
  // As after a pause of the slow process that outlasted its claim.
  await pool.query('delete from millrace.embedding_claim')
  await cached(fakeEmbedder()).embed(['a'])
  release(undefined)
  await call
  const [vector] = await cached(fakeEmbedder()).embed(['a'])
  expect(cosine(vector, fakeVector('a'))).toBeGreaterThan(0.999999)
})

test('what the database refuses is a MillraceError without the text', async () => {
  const failure = await cached(fakeEmbedder(), 2_000_000_000)
    .embed(['hunter2'])
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'database_rejected' })
  expect(String(failure)).not.toContain('hunter2')
})

test('it has the id, the dimensions and the end of the embedder behind it', async () => {
  const embedder = fakeEmbedder()
  const cache = cached(embedder)
  expect(cache).toMatchObject({ id: 'fake:8', dimensions: 8 })
  await cache.close()
  expect(embedder.isClosed).toBe(true)
})

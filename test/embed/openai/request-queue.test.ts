import { expect, test } from 'vitest'
import type { EmbedUsage } from '../../../src/embed/embedder.ts'
import {
  createOpenAiEmbedder,
  type OpenAiEmbedderOptions,
} from '../../../src/embed/openai/openai-embedder.ts'
import { cosine } from '../cosine.ts'
import {
  type Answer,
  type EmbeddingServer,
  embeddingServer,
  rightReply,
  vectorOf,
} from './embedding-server.ts'

const open = ({ url }: EmbeddingServer, options: Partial<OpenAiEmbedderOptions> = {}) =>
  createOpenAiEmbedder({ model: 'test', baseUrl: url, dimensions: 4, maxRetries: 0, ...options })

const named = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`)

const sizesOf = ({ requests }: EmbeddingServer) => requests.map(({ texts }) => texts.length)

/** Holds answers back until it is opened. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { opened: promise, open: () => resolve(undefined) }
}

const ledger = () => {
  const sum: EmbedUsage = { requests: 0, tokens: 0 }
  const onUsage = ({ requests, tokens }: EmbedUsage) => {
    sum.requests += requests
    sum.tokens += tokens
  }
  return { sum, onUsage }
}

const paid =
  (tokens: number | undefined) =>
  ({ texts }: { texts: readonly string[] }): Answer => ({
    body: {
      ...rightReply(texts),
      usage: tokens === undefined ? undefined : { prompt_tokens: tokens, total_tokens: tokens },
    },
  })

test('calls made together leave in filled requests, and each gets its own vectors', async () => {
  const server = await embeddingServer()
  const embedder = await open(server)
  const calls = await Promise.all(named('call', 10).map((name) => embedder.embed(named(name, 500))))
  expect(sizesOf(server).sort((a, b) => a - b)).toEqual([904, 2048, 2048])
  for (const [place, vectors] of calls.entries())
    for (const index of [0, 47, 499])
      expect(cosine(vectors[index], vectorOf(`call ${place} ${index}`))).toBeCloseTo(1, 6)
})

test('calls that come one after another collect behind two unfilled requests, not more', async () => {
  const { opened, open: release } = gate()
  const server = await embeddingServer(() => opened)
  const embedder = await open(server)
  const calls: Promise<unknown>[] = []
  for (const [place, name] of named('call', 10).entries()) {
    calls.push(embedder.embed(named(name, 500)))
    // The first two leave at once, each by itself; the fifth after them fills the third request.
    await server.arrived(place < 2 ? place + 1 : place < 6 ? 2 : 3)
  }
  expect(sizesOf(server)).toEqual([500, 500, 2048])
  release()
  await Promise.all(calls)
  expect(sizesOf(server)).toEqual([500, 500, 2048, 1952])
})

test('a request holds no more tokens than the limit, whoever’s they are', async () => {
  const server = await embeddingServer()
  const embedder = await open(server, { maxTokens: 1000 })
  await Promise.all(named('call', 4).map((name) => embedder.embed([name, 'x'.repeat(900)])))
  for (const { texts } of server.requests)
    expect(texts.join('').length / 2).toBeLessThanOrEqual(1000)
  expect(sizesOf(server)).toEqual([5, 3])
})

test('an aborted call takes nothing from those it shares a request with', async () => {
  const { opened, open: release } = gate()
  const server = await embeddingServer(() => opened)
  const embedder = await open(server)
  const stop = new AbortController()
  const aborted = embedder.embed(['a'], { signal: stop.signal })
  const other = embedder.embed(['b'])
  await server.arrived(1)
  stop.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
  release()
  expect(cosine((await other)[0], vectorOf('b'))).toBeCloseTo(1, 6)
  expect(server.requests.map(({ texts }) => texts)).toEqual([['a', 'b']])
})

test('a request that everybody has left is given up, and texts that wait are not sent', async () => {
  const server = await embeddingServer(({ number }) => (number === 1 ? 'hang' : undefined))
  const embedder = await open(server, { parallel: 1 })
  const stop = new AbortController()
  const calls = ['a', 'b'].map((text) => embedder.embed([text], { signal: stop.signal }))
  await server.arrived(1)
  calls.push(embedder.embed(['c'], { signal: stop.signal }))
  const last = embedder.embed(['d'])
  stop.abort()
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'aborted' })
  await server.dropped(1)
  await last
  expect(server.requests.map(({ texts }) => texts)).toEqual([['a', 'b'], ['d']])
})

test('a failing request fails the calls whose texts were in it, and no other', async () => {
  const server = await embeddingServer(({ texts }) =>
    texts.includes('bad') ? { status: 500, body: {} } : undefined,
  )
  const embedder = await open(server, { maxInputs: 2 })
  const outcomes = await Promise.allSettled([
    embedder.embed(['a', 'b']),
    embedder.embed(['c']),
    embedder.embed(['bad']),
    embedder.embed(['d', 'e']),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ])
})

test('a text refused in a shared request has no vector, and the others have theirs', async () => {
  const server = await embeddingServer(({ texts }) =>
    texts.includes('bad') ? { status: 400, body: {} } : undefined,
  )
  const embedder = await open(server)
  const [one, two, three] = await Promise.all([
    embedder.embed(['a', 'b']),
    embedder.embed(['c', 'bad']),
    embedder.embed(['d']),
  ])
  expect([one, two, three].map((call) => call?.map((vector) => vector?.length))).toEqual([
    [4, 4],
    [4, undefined],
    [4],
  ])
})

test('vectors are told as their request is answered, also when another of the call fails', async () => {
  const server = await embeddingServer(async ({ texts }) => {
    if (!texts.includes('bad')) return undefined
    await told.opened
    return { status: 500, body: {} }
  })
  const told = gate()
  const embedder = await open(server, { maxInputs: 2 })
  const places: number[] = []
  const call = embedder.embed(['a', 'b', 'bad', 'c'], {
    onVectors(vectors) {
      places.push(...vectors.keys())
      told.open()
    },
  })
  await expect(call).rejects.toMatchObject({ code: 'embedder_unavailable' })
  expect(places).toEqual([0, 1])
})

test('a shared request is counted once, and its tokens are split exactly', async () => {
  const server = await embeddingServer(paid(101))
  const embedder = await open(server)
  const [one, two, three] = [ledger(), ledger(), ledger()]
  await Promise.all([
    embedder.embed(['aaaa'], one),
    embedder.embed(['b', 'b'], two),
    embedder.embed(['dddd'], three),
  ])
  expect([one.sum, two.sum, three.sum]).toEqual([
    { requests: 1, tokens: 41 },
    { requests: 0, tokens: 20 },
    { requests: 0, tokens: 40 },
  ])
})

test('who has left a shared request leaves its share to the others', async () => {
  const { opened, open: release } = gate()
  const server = await embeddingServer(async (request) => (await opened) ?? paid(10)(request))
  const embedder = await open(server)
  const [one, two] = [ledger(), ledger()]
  const stop = new AbortController()
  const left = embedder.embed(['a'], { ...one, signal: stop.signal })
  const other = embedder.embed(['b'], two)
  await server.arrived(1)
  stop.abort()
  await expect(left).rejects.toMatchObject({ code: 'aborted' })
  release()
  await other
  expect([one.sum, two.sum]).toEqual([
    { requests: 1, tokens: 0 },
    { requests: 0, tokens: 10 },
  ])
})

test('every attempt is a request, failed ones included', async () => {
  const server = await embeddingServer((request) =>
    request.number < 3 ? { status: 500, body: {} } : paid(7)(request),
  )
  const { sum, onUsage } = ledger()
  await (await open(server, { maxRetries: 2 })).embed(['a'], { onUsage })
  expect(sum).toEqual({ requests: 3, tokens: 7 })
  server.requests.length = 0
  const failed = ledger()
  await expect((await open(server)).embed(['a'], failed)).rejects.toThrow()
  expect(failed.sum).toEqual({ requests: 1, tokens: 0 })
})

test('a server that states no tokens costs none', async () => {
  const { sum, onUsage } = ledger()
  const embedder = await open(await embeddingServer(paid(undefined)))
  await embedder.embed(['a'], { onUsage })
  expect(sum).toEqual({ requests: 1, tokens: 0 })
})

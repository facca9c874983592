import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  createOpenAiEmbedder,
  type OpenAiEmbedderOptions,
} from '../../../src/embed/openai/openai-embedder.ts'
import { type Answer, embeddingServer } from './embedding-server.ts'

const key = 'sk-very-secret'
const line = 'password=hunter2'

async function failureOf(
  answer: Answer,
  options: Partial<OpenAiEmbedderOptions> = {},
): Promise<unknown> {
  const { url } = await embeddingServer(() => answer)
  return failureAt(url, options)
}

async function failureAt(
  baseUrl: string,
  options: Partial<OpenAiEmbedderOptions> = {},
): Promise<unknown> {
  const embedder = await createOpenAiEmbedder({
    model: 'test',
    apiKey: key,
    baseUrl,
    dimensions: 4,
    maxRetries: 0,
    ...options,
  })
  return embedder.embed([line]).then(
    () => 'no failure',
    (error: unknown) => error,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test.each([
  [401, 'OPENAI_API_KEY'],
  [403, 'OPENAI_API_KEY'],
  [404, 'OPENAI_EMBEDDING_MODEL and OPENAI_BASE_URL'],
  [405, 'OPENAI_BASE_URL'],
])('%i is a wrong configuration, and the message says to check %s', async (status, variable) => {
  expect(await failureOf({ status, body: {} }, { maxRetries: 3 })).toMatchObject({
    code: 'embedder_rejected',
    retryable: false,
    message: expect.stringContaining(`check ${variable}`),
    details: { status },
  })
})

test.each([401, 429, 500])(
  'neither the key nor the text is in the error of a %i that quotes them',
  async (status) => {
    const error = { message: `Incorrect API key ${key} for ${line}`, code: `${key} ${line}` }
    const failure = await failureOf({ status, body: { error } })
    expect(failure).toMatchObject({ name: 'MillraceError' })
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/very-secret|hunter2/)
  },
)

test.each([429, 500, 503])(
  '%i is retried a bounded number of times and then is retryable',
  async (status) => {
    const server = await embeddingServer(() => ({ status, body: {} }))
    expect(await failureAt(server.url, { maxRetries: 1 })).toMatchObject({
      code: 'embedder_unavailable',
      retryable: true,
      details: { status },
    })
    expect(server.requests).toHaveLength(2)
  },
)

test('a passing failure is not seen by the caller', async () => {
  const server = await embeddingServer(({ number }) =>
    number === 1 ? { status: 500, body: 'oops' } : undefined,
  )
  expect(await failureAt(server.url, { maxRetries: 1 })).toBe('no failure')
})

test('Retry-After is honoured', async () => {
  const times: number[] = []
  const server = await embeddingServer(({ number }) => {
    times.push(performance.now())
    return number === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: {} } : undefined
  })
  expect(await failureAt(server.url, { maxRetries: 1 })).toBe('no failure')
  const [first = 0, second = 0] = times
  expect(second - first).toBeGreaterThanOrEqual(990)
})

test('what Retry-After asks is told to the caller when the attempts are used up', async () => {
  expect(
    await failureOf({ status: 429, headers: { 'retry-after': '90' }, body: {} }),
  ).toMatchObject({
    details: { retryAfterMs: 90_000 },
  })
})

test('a used-up quota says so', async () => {
  const body = { error: { code: 'insufficient_quota', message: '' } }
  expect(await failureOf({ status: 429, body })).toMatchObject({
    code: 'embedder_unavailable',
    message: expect.stringContaining('billing'),
  })
})

test('a server that is not there is unavailable, and the message says what to check', async () => {
  expect(await failureAt(`http://127.0.0.1:${await freePort()}/v1`)).toMatchObject({
    code: 'embedder_unavailable',
    retryable: true,
    message: expect.stringMatching(/127\.0\.0\.1:\d+\/v1 .*ECONNREFUSED.*OPENAI_BASE_URL/),
  })
})

test('a server that does not answer in time is unavailable', async () => {
  expect(await failureOf('hang', { timeoutMs: 50 })).toMatchObject({
    code: 'embedder_unavailable',
    message: expect.stringContaining('did not answer in time'),
  })
})

test('a key that no header can hold is refused at once, and not shown', async () => {
  const failure = await failureAt('http://127.0.0.1/v1', { apiKey: `${key}\n` }).catch(
    (error: unknown) => error,
  )
  expect(failure).toMatchObject({ code: 'embedder_rejected' })
  expect(inspect(failure)).not.toContain(key)
})

test('creation without dimensions fails as the server does', async () => {
  const { url } = await embeddingServer(() => ({ status: 401, body: {} }))
  await expect(createOpenAiEmbedder({ model: 'test', baseUrl: url })).rejects.toMatchObject({
    code: 'embedder_rejected',
  })
})

import { once } from 'node:events'
import { request } from 'node:http'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fakeProducer, post, startTestServer } from './start-test-server.ts'

const type = 'text/plain'

async function start(options: Parameters<typeof startTestServer>[1] = {}, hold?: Promise<void>) {
  const fake = fakeProducer(undefined, hold)
  const server = await startTestServer({ producer: fake.producer }, options)
  return { ...fake, url: `${server.url}/streams/s/records` }
}

/** A POST whose body the test sends itself. */
function open(url: string, headers: Record<string, string | number>) {
  const client = request(url, { method: 'POST', headers: { 'content-type': type, ...headers } })
  client.on('error', () => undefined)
  const answered = once(client, 'response').then(async ([response]) => {
    response.resume()
    await once(response, 'end')
    return { status: response.statusCode, headers: response.headers }
  })
  return { client, answered }
}

describe('a body', () => {
  const text = 'one\ntwo\n'.repeat(20_000)

  it.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['GZIP', Buffer.concat([gzipSync(text.slice(0, 1_000)), gzipSync(text.slice(1_000))])],
  ])('is taken in the Content-Encoding %s', async (encoding, body) => {
    const { url, stored } = await start()
    const reply = await post(url, body, { type, headers: { 'content-encoding': encoding } })
    expect(reply.body.accepted).toBe(40_000)
    expect(stored.slice(0, 2).map((record) => record.text)).toEqual(['one', 'two'])
  })

  it.each([['br'], ['snappy'], ['gzip, gzip'], ['constructor']])(
    'is refused in the Content-Encoding %s, naming those it may have',
    async (encoding) => {
      const { url, calls } = await start()
      const reply = await post(url, 'x', { type, headers: { 'content-encoding': encoding } })
      expect(reply.status).toBe(415)
      expect(reply.headers.get('accept-encoding')).toBe('gzip, deflate, zstd')
      expect(reply.body).toMatchObject({ error: { message: expect.stringContaining(encoding) } })
      expect(calls).toEqual([])
    },
  )

  it.each([
    ['is not gzip at all', Buffer.from('plain text')],
    ['is cut off', gzipSync(text).subarray(0, -20)],
    ['is broken inside', Buffer.concat([gzipSync(text).subarray(0, 40), Buffer.alloc(50, 7)])],
  ])('that says gzip and %s is refused, and nothing is stored', async (_what, body) => {
    const { url, calls } = await start()
    const reply = await post(url, body, { type, headers: { 'content-encoding': 'gzip' } })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ error: { code: 'invalid_argument' } })
    expect(calls).toEqual([])
  })

  it('that decompresses to more than allowed is refused while it grows: a zip bomb fills no memory', async () => {
    const { url, calls } = await start({ maxDecodedBytes: 1 << 20 })
    const bomb = gzipSync(Buffer.alloc(200 << 20))
    expect(bomb.length).toBeLessThan(1 << 20)
    const before = process.memoryUsage().arrayBuffers
    const reply = await post(url, bomb, { type, headers: { 'content-encoding': 'gzip' } })
    expect(reply.status).toBe(413)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 << 20)
    expect(calls).toEqual([])
  })

  it('that says it is too large is refused before it is sent', async () => {
    const { url } = await start({ maxBodyBytes: 1_000 })
    const { client, answered } = open(url, { 'content-length': 1_001 })
    client.flushHeaders()
    expect((await answered).status).toBe(413)
    client.destroy()
  })

  it('without a length is refused when it becomes too large', async () => {
    const { url } = await start({ maxBodyBytes: 1_000 })
    const { client, answered } = open(url, { 'transfer-encoding': 'chunked' })
    client.write('x'.repeat(900))
    client.write('x'.repeat(200))
    expect((await answered).status).toBe(413)
    client.destroy()
  })

  it('that is refused halfway is read to its end all the same, so that its sender can go on', async () => {
    const { url } = await start({ maxBodyBytes: 1_000 })
    const { client, answered } = open(url, { 'transfer-encoding': 'chunked' })
    const sent = once(client, 'finish')
    client.write('x'.repeat(2_000))
    expect((await answered).status).toBe(413)
    client.end(Buffer.alloc(20 << 20))
    await sent
  })

  it('of exactly the limit is taken', async () => {
    const { url } = await start({ maxBodyBytes: 1_000 })
    expect((await post(url, 'x'.repeat(1_000), { type })).status).toBe(200)
  })

  it('is answered although the sender has not sent the rest of what is refused', async () => {
    const { url } = await start({ maxBodyBytes: 1 << 20 })
    const reply = await post(url, Buffer.alloc(20 << 20), { type })
    expect(reply.status).toBe(413)
    expect((await post(url, 'next', { type })).status).toBe(200)
  })

  it('finds no room while others hold it: 503 with Retry-After before it is read, 200 when they are done', async () => {
    const hold = Promise.withResolvers<void>()
    const { url, calls } = await start(
      { maxDecodedBytes: 100_000, maxInFlightBytes: 100_000 },
      hold.promise,
    )
    const first = post(url, 'x'.repeat(80_000), { type })
    const isStored = async () => {
      while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await isStored()
    const { client, answered } = open(url, { 'content-length': 40_000 })
    client.flushHeaders()
    const refused = await answered
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('1')
    client.destroy()
    const grown = gzipSync('x'.repeat(90_000))
    const inflated = await post(url, grown, { type, headers: { 'content-encoding': 'gzip' } })
    expect(inflated.status).toBe(503)
    hold.resolve()
    expect((await first).status).toBe(200)
    expect((await post(url, 'x'.repeat(100_000), { type })).status).toBe(200)
  })

  it('of a sender that goes away is forgotten, with the room that it held', async () => {
    const { url, calls } = await start({ maxDecodedBytes: 100_000, maxInFlightBytes: 100_000 })
    const { client, answered } = open(url, { 'content-length': 90_000 })
    client.write('x'.repeat(10_000))
    answered.catch(() => undefined)
    const held = async () => (await post(url, 'x'.repeat(50_000), { type })).status
    while ((await held()) !== 503);
    client.destroy()
    while ((await held()) !== 200);
    expect(calls.every((count) => count === 1)).toBe(true)
  })
})

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { errorCodes, MillraceError } from '../../src/base/errors.ts'
import { retryAfterSecondsOf, statusOf } from '../../src/server/http-status.ts'
import { fakeProducer, post, startTestServer } from './start-test-server.ts'

const text = { type: 'text/plain' }
const longStop = { stopTimeoutMs: 60_000 }

/** A producer whose acks wait until they are released. */
function heldProducer() {
  const called = Promise.withResolvers<void>()
  const hold = Promise.withResolvers<void>()
  const fake = fakeProducer(() => {
    called.resolve()
    return undefined
  }, hold.promise)
  return { ...fake, called: called.promise, release: hold.resolve }
}

/** Sends bytes on a connection of its own and gives back all that comes until it ends. */
async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

describe('an error', () => {
  it('of a code is a 5xx where sending the same again may help, and then says when', () => {
    for (const code of errorCodes) {
      expect(statusOf(code)).toBeGreaterThanOrEqual(400)
      expect(retryAfterSecondsOf(code) !== null).toBe(statusOf(code) === 503)
    }
    expect(statusOf('limit_exceeded')).toBe(413)
    expect(statusOf('not_found')).toBe(404)
  })

  it.each([
    ['a stranger', new Error('row (hunter2) violates')],
    ['an internal one', new MillraceError('internal', 'parsing hunter2 failed')],
    ['not even an error', 'hunter2'],
  ])(
    'that is %s is a 500 with the id under which the log has it, and nothing of its text',
    async (_what, error) => {
      const server = await startTestServer({ status: () => Promise.reject(error) })
      const response = await fetch(`${server.url}/api/status`)
      const body = (await response.json()) as { error: { code: string; message: string } }
      expect(response.status).toBe(500)
      expect(body.error.code).toBe('internal')
      const line = server.logged.find(({ msg }) => msg === 'request.failed')
      expect(body.error.message).toContain(line?.requestId)
      expect(JSON.stringify([body, server.logged])).not.toContain('hunter2')
    },
  )

  it('of a route that is not there is JSON', async () => {
    const server = await startTestServer()
    const response = await fetch(`${server.url}/v1/traces?secret=1`, { method: 'POST', body: 'x' })
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({
      error: { code: 'not_found', message: 'there is nothing at POST /v1/traces' },
    })
  })

  it('of bytes that are no HTTP is JSON', async () => {
    const server = await startTestServer()
    const reply = await exchange(server.url, 'hello\r\n\r\n')
    expect(reply).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(JSON.parse(reply.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { code: 'invalid_argument' },
    })
  })
})

describe('startServer', () => {
  it('names the port that is taken', async () => {
    const server = await startTestServer()
    const port = Number(new URL(server.url).port)
    await expect(startTestServer({}, { port })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`port ${port}`),
    })
  })

  it('names the address that cannot be had', async () => {
    await expect(startTestServer({}, { host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('192.0.2.1'),
    })
  })

  it.each<[object, string]>([
    [{ prot: 1 }, 'prot'],
    [{ port: 70_000 }, 'port'],
    [{ maxInFlightBytes: 10 }, 'maxInFlightBytes'],
  ])('refuses the options %j', async (options, reason) => {
    await expect(startTestServer({}, options)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(reason),
    })
  })
})

describe('GET /healthz', () => {
  it('answers 503 with the reason while the database does not answer', async () => {
    const server = await startTestServer()
    const response = await fetch(`${server.url}/healthz`)
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      status: 'unavailable',
      reason: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('stop', () => {
  it('waits for the ack of a request under way, and closes its connection after it', async () => {
    const held = heldProducer()
    const server = await startTestServer({ producer: held.producer }, longStop)
    const posting = post(`${server.url}/streams/s/records`, 'x', text)
    await held.called
    const stopping = server.stop()
    expect(await Promise.race([stopping, Promise.resolve('waits')])).toBe('waits')
    held.release()
    const reply = await posting
    expect(reply.status).toBe(200)
    expect(reply.headers.get('connection')).toBe('close')
    await stopping
    await expect(fetch(server.url)).rejects.toThrow()
  })

  it('refuses what comes while it waits with 503, and health says why', async () => {
    const held = heldProducer()
    const server = await startTestServer({ producer: held.producer }, longStop)
    const posting = post(`${server.url}/streams/s/records`, 'x', text)
    await held.called
    const stopping = server.stop()
    const late = await post(`${server.url}/streams/s/records`, 'late', text)
    expect(late.status).toBe(503)
    expect(late.headers.get('retry-after')).toBe('5')
    const health = await fetch(`${server.url}/healthz`)
    expect(health.status).toBe(503)
    expect(await health.json()).toEqual({ status: 'unavailable', reason: 'the server is stopping' })
    held.release()
    await Promise.all([posting, stopping])
    expect(held.stored.map((record) => record.text)).toEqual(['x'])
  })

  it('is not held up by connections that ask nothing: kept alive, opened ahead, or half a request', async () => {
    const server = await startTestServer({}, longStop)
    await (await fetch(`${server.url}/page.css`)).text()
    const { hostname, port } = new URL(server.url)
    const ahead = connect(Number(port), hostname)
    const half = connect(Number(port), hostname)
    // A reset is an end like any other here, so errors do not count.
    const closed = [ahead, half].map((socket) => {
      socket.on('error', () => undefined)
      return new Promise((resolve) => socket.on('close', resolve))
    })
    await Promise.all([once(ahead, 'connect'), once(half, 'connect')])
    half.write('GET / HTTP/1.1\r\nHost: loc')
    // A round trip, so that the server has seen both connections.
    await (await fetch(`${server.url}/page.css`)).text()
    await server.stop()
    await Promise.all(closed)
  })

  it('cuts off after its time who sends a body without end: no ack was given', async () => {
    const server = await startTestServer({}, { stopTimeoutMs: 1 })
    const posting = exchange(
      server.url,
      'POST /streams/s/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nhalf',
    )
    await fetch(`${server.url}/page.css`).then((response) => response.text())
    await server.stop()
    expect(await posting).toBe('')
    expect(server.logged.find(({ msg }) => msg === 'server.stopped')).toMatchObject({ cut: 1 })
  })

  it('may be called again, and at once', async () => {
    const server = await startTestServer({}, longStop)
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
  })
})

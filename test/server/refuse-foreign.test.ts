import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { refuseForeign } from '../../src/server/refuse-foreign.ts'
import { startTestServer } from './start-test-server.ts'

const loopback = { host: '127.0.0.1', allowedHosts: ['logs.test'] }
const outside = { host: '0.0.0.0', allowedHosts: [] }

function isRefused(rules: typeof loopback, method: string, headers: Record<string, string>) {
  try {
    refuseForeign(rules, method, headers)
    return false
  } catch (error) {
    expect(error).toMatchObject({ status: 403 })
    return true
  }
}

describe('refuseForeign', () => {
  it.each([
    ['localhost:4318'],
    ['LOCALHOST'],
    ['127.0.0.1:4318'],
    ['[::1]:4318'],
    ['192.168.1.7:4318'],
    ['app.localhost:4318'],
    ['logs.test:80'],
  ])('lets the Host %s in on loopback', (host) => {
    expect(isRefused(loopback, 'GET', { host })).toBe(false)
  })

  it.each([
    ['evil.test:4318'],
    ['localhost.evil.test'],
    ['127.0.0.1.evil.test'],
    ['evil.test:4318:127.0.0.1'],
    ['[::1].evil.test'],
    [''],
  ])('keeps the Host %s out on loopback: a name may be made to resolve to it', (host) => {
    expect(isRefused(loopback, 'GET', { host })).toBe(true)
  })

  it('takes any Host when it listens to more than loopback', () => {
    expect(isRefused(outside, 'GET', { host: 'logs.example:4318' })).toBe(false)
  })

  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ 'sec-fetch-site': 'same-site' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://behind.proxy' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'http://evil.test' }, true],
    [{ origin: 'null' }, true],
    [{ origin: 'http://localhost:4319' }, true],
    [{ origin: 'http://localhost:4318' }, false],
    [{}, false],
  ])('of a POST with %j: refused is %s', (headers, refused) => {
    const sent: Record<string, string> = { host: 'localhost:4318', ...headers }
    expect(isRefused(loopback, 'POST', sent)).toBe(refused)
    expect(isRefused(loopback, 'GET', sent)).toBe(false)
  })

  it('stands before every route', async () => {
    const server = await startTestServer()
    const { hostname, port } = new URL(server.url)
    const send = (method: string, path: string, headers: Record<string, string>) =>
      new Promise((resolve) => {
        const client = request({ hostname, port, path, method, headers }, (response) =>
          resolve(response.resume().statusCode),
        )
        client.end()
      })
    expect(await send('GET', '/api/status', { host: 'evil.test' })).toBe(403)
    const foreign = { origin: 'http://evil.test', 'content-type': 'text/plain' }
    for (const path of ['/streams/a/records', '/v1/logs', '/api/ask', '/nowhere'])
      expect(await send('POST', path, foreign)).toBe(403)
    const reply = await fetch(`${server.url}/api/status`, {
      headers: { origin: 'http://evil.test' },
    })
    expect(reply.headers.get('access-control-allow-origin')).toBeNull()
  })
})

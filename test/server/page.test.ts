import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startTestServer, webDir } from './start-test-server.ts'

describe('the page', () => {
  it.each([
    ['/', 'index.html', 'text/html'],
    ['/?q=why', 'index.html', 'text/html'],
    ['/page.js', 'page.js', 'text/javascript'],
    ['/page.css', 'page.css', 'text/css'],
  ])('is served at %s, with headers that keep other sites out', async (path, file, type) => {
    const server = await startTestServer()
    const response = await fetch(`${server.url}${path}`)
    expect(await response.text()).toBe(await readFile(`${webDir}/${file}`, 'utf8'))
    const { headers } = response
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`)
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('is not sent again to who has it', async () => {
    const server = await startTestServer()
    const etag = (await fetch(server.url)).headers.get('etag') ?? ''
    const again = await fetch(server.url, { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
  })

  it.each([
    ['/../package.json'],
    ['/..%2fserver%2fports.ts'],
    ['/%2e%2e/package.json'],
    ['/page.js/'],
    ['/page.ts'],
    ['//etc/passwd'],
  ])('is all there is: %s does not exist', async (path) => {
    const server = await startTestServer()
    const { hostname, port } = new URL(server.url)
    // fetch would normalise the path before it is sent.
    const status = await new Promise((resolve) => {
      get({ hostname, port, path }, (response) => resolve(response.resume().statusCode))
    })
    expect(status).toBe(404)
  })

  it('must be there when the server starts', async () => {
    await expect(startTestServer({ webDir: '/nowhere' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('index.html'),
    })
  })
})

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { MillraceError } from '../base/errors.ts'

const files = [
  { path: '/', name: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/index.html', name: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/page.js', name: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/page.css', name: 'page.css', type: 'text/css; charset=utf-8' },
] as const

/**
 * Serves the page: these files and no others, read once, here, so that no path of a request ever reaches the disk.
 * Fails with `not_found` when one is missing.
 */
export async function routePage(app: FastifyInstance, webDir: string): Promise<void> {
  for (const { path, name, type } of files) {
    const content = await readFile(join(webDir, name)).catch((cause: unknown) => {
      throw new MillraceError('not_found', `expected the page's file ${name} in ${webDir}`, {
        cause,
      })
    })
    const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
    app.get(path, async (request, reply) => {
      reply.headers({ etag, 'cache-control': 'no-cache' })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(content)
    })
  }
}

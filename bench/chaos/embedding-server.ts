import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { EmbeddingMode } from './plan-faults.ts'
import { textVector } from './text-vector.ts'

export interface EmbeddingServer extends AsyncDisposable {
  /** With the path: what OPENAI_BASE_URL is. */
  url: string
  /** How it answers from now on; `away`, it does not listen at all. */
  setMode(mode: EmbeddingMode | 'well'): Promise<void>
  /** Answers so far, by mode. */
  counts(): Record<string, number>
}

/** An OpenAI-compatible /v1/embeddings on 127.0.0.1 that is as bad as it is told to be. */
export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  let mode: EmbeddingMode | 'well' = 'well'
  const counts = new Map<string, number>()
  const server = createServer(async (request, response) => {
    // The body is always read: a client that still writes would take an early answer for a broken connection.
    const body = await json(request).catch(() => null)
    const texts = readTexts(body)
    counts.set(mode, (counts.get(mode) ?? 0) + 1)
    if (texts === null) response.writeHead(400).end()
    else answers[mode](response, texts)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    setMode: async (next) => {
      mode = next
      if (next === 'away' && server.listening) await close()
      else if (next !== 'away' && !server.listening) await listen(port)
    },
    counts: () => Object.fromEntries(counts),
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await close()
    },
  }
}

type Answer = (response: ServerResponse, texts: readonly string[]) => void

const answers: Record<EmbeddingMode | 'well', Answer> = {
  well: (response, texts) => send(response, texts.map(textVector)),
  'too many requests': (response) => refuse(response, 429, { 'retry-after': '1' }),
  'server error': (response) => refuse(response, 500),
  'not json': (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('<html>busy</html>'),
  'wrong count': (response, texts) => send(response, texts.slice(1).map(textVector)),
  'wrong lengths': (response, texts) =>
    send(
      response,
      texts.map((text, index) => textVector(text).slice(index % 2)),
    ),
  // The client's own time limit ends it, or the server's end.
  hang: () => undefined,
  // What was under way when it went.
  away: (response) => response.destroy(),
  cut: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"object":"list","data":[', () => response.destroy())
  },
}

function send(response: ServerResponse, vectors: readonly number[][]): void {
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }))
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ object: 'list', data, model: 'chaos', usage: { total_tokens: 1 } }))
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ error: { message: 'planned', code: null } }))
}

function readTexts(body: unknown): string[] | null {
  const input: unknown = (body as { input?: unknown } | null)?.input
  const texts = typeof input === 'string' ? [input] : input
  return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : null
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { textVector } from '../chaos/text-vector.ts'

export interface ServedCounts {
  requests: number
  /** Of answers with vectors; what is refused costs none. */
  tokens: number
}

export interface OutageServer extends AsyncDisposable {
  /** With the path: what OPENAI_BASE_URL is. */
  url: string
  /** Nobody listens: connections are refused, those that are open are cut. */
  goAway(): Promise<void>
  /** Listens, and answers everything with 500. */
  comeBackBroken(): Promise<void>
  recover(): void
  /** What it has read so far. */
  counts(): ServedCounts
}

/** An OpenAI-compatible /v1/embeddings on 127.0.0.1, whose outage has two parts. A word is a token. */
export async function startOutageServer(): Promise<OutageServer> {
  const counts: ServedCounts = { requests: 0, tokens: 0 }
  let isBroken = false
  const server = createServer(async (request, response) => {
    const body = (await json(request).catch(() => null)) as { input?: unknown } | null
    if (body === null) return
    counts.requests += 1
    const texts = [body.input].flat().map(String)
    response.setHeader('content-type', 'application/json')
    if (isBroken) {
      response.writeHead(500).end(JSON.stringify({ error: { message: 'planned', code: null } }))
      return
    }
    const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0)
    counts.tokens += tokens
    const data = texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: textVector(text),
    }))
    const usage = { prompt_tokens: tokens, total_tokens: tokens }
    response.end(JSON.stringify({ object: 'list', data, model: 'outage', usage }))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const goAway = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const port = await listen(0)
  return {
    url: `http://127.0.0.1:${port}/v1`,
    goAway,
    comeBackBroken: async () => {
      isBroken = true
      await listen(port)
    },
    recover: () => {
      isBroken = false
    },
    counts: () => ({ ...counts }),
    [Symbol.asyncDispose]: goAway,
  }
}

/** How many words a text has. */
export function tokensOf(text: string): number {
  return text.split(' ').length
}

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

export interface EmbeddingRequest {
  /** 1 is the first. */
  number: number
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
  texts: string[]
}

/** What the server says; a string body is sent as it is, anything else as JSON; `hang` never answers. */
export type Answer =
  | { status?: number; headers?: Record<string, string>; body: unknown }
  | 'hang'
  | undefined

export interface EmbeddingServer {
  url: string
  requests: EmbeddingRequest[]
  /** Resolves once `count` requests have arrived. */
  arrived(count: number): Promise<void>
  /** Resolves once `count` requests were given up by the client. */
  dropped(count: number): Promise<void>
}

/** The vector that the server gives a text: its own direction, not of unit length. */
export function vectorOf(text: string): number[] {
  return [text.length + 1, text.charCodeAt(0) || 0, (text.charCodeAt(text.length - 1) || 0) - 60, 7]
}

/** What the server answers unless told otherwise: the right vectors, the last text's first. */
export function rightReply(texts: readonly string[]) {
  return {
    object: 'list',
    model: 'test',
    data: texts
      .map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }))
      .reverse(),
    usage: { prompt_tokens: 1, total_tokens: 1 },
  }
}

/** A real server of /v1/embeddings on a free port, closed after the test. */
export async function embeddingServer(
  answer: (request: EmbeddingRequest) => Answer | Promise<Answer> = () => undefined,
): Promise<EmbeddingServer> {
  const requests: EmbeddingRequest[] = []
  let dropped = 0
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = () => {
        if (!condition()) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
    })

  const server = createServer(async (incoming, outgoing) => {
    outgoing.on('close', () => {
      if (outgoing.writableFinished) return
      dropped += 1
      changed()
    })
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString())
    const request: EmbeddingRequest = {
      number: requests.length + 1,
      headers: incoming.headers,
      body,
      texts: body.input,
    }
    requests.push(request)
    changed()
    const given = await answer(request)
    if (given === 'hang') return
    const { status = 200, headers = {}, body: said } = given ?? { body: rightReply(body.input) }
    const isText = typeof said === 'string'
    outgoing.writeHead(status, {
      'content-type': isText ? 'text/html' : 'application/json',
      ...headers,
    })
    outgoing.end(isText ? said : JSON.stringify(said))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    arrived: (count) => until(() => requests.length >= count),
    dropped: (count) => until(() => dropped >= count),
  }
}

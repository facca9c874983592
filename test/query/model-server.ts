import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ModelRequest {
  url: string
  authorization: string | undefined
  body: { model: string; stream: boolean; messages: { role: string; content: string }[] }
}

export type Reply = (response: ServerResponse, request: ModelRequest) => void | Promise<void>

/** A server on 127.0.0.1 that speaks OpenAI's chat completions, one reply a request; the last one repeats. */
export async function startModelServer(...replies: Reply[]) {
  const requests: ModelRequest[] = []
  const server = createServer(async (request, response) => {
    const seen: ModelRequest = {
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: JSON.parse(await read(request)),
    }
    const reply = replies[Math.min(requests.length, replies.length - 1)]
    requests.push(seen)
    await reply?.(response, seen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Starts an event stream; `say` sends one piece, `end` finishes it. */
export function speak(response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = (choice: object) =>
    response.write(
      `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`,
    )
  return {
    say: (content: string) => send({ delta: { content } }),
    end: () => {
      send({ delta: {}, finish_reason: 'stop' })
      response.end('data: [DONE]\n\n')
    },
  }
}

/** A reply of these pieces. */
export const saying =
  (...pieces: string[]): Reply =>
  (response) => {
    const { say, end } = speak(response)
    for (const piece of pieces) say(piece)
    end()
  }

/** A refusal, with OpenAI's kind of body. */
export const refusing =
  (status: number, message = 'no', headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ error: { message, type: 'x', code: null } }))
  }

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createRunningWork } from './running-work.ts'

export interface Connections {
  /** Ends the connections that have no request under way. */
  release(): void
  /** Resolves when the requests under way now have their replies, or their clients are gone. */
  settled(): Promise<void>
  /** Ends them all at once, whatever is under way. Returns how many had a request. */
  cut(): number
}

/**
 * Knows which connections of a server have a request under way. Node's own `closeIdleConnections` takes a connection that
 * has not asked yet (a browser opens such ahead) for a busy one, and one whose reply waits in a buffer for an idle one.
 */
export function trackConnections(server: Server): Connections {
  const underWay = new Map<Socket, number>()
  const replies = createRunningWork()
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0)
    socket.once('close', () => underWay.delete(socket))
  })
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    const { promise, resolve } = Promise.withResolvers<void>()
    replies.track(promise)
    response.once('close', () => {
      resolve()
      const count = (underWay.get(socket) ?? 1) - 1
      if (underWay.has(socket)) underWay.set(socket, count)
    })
  })
  return {
    release: () => {
      for (const [socket, count] of underWay) if (count === 0) socket.destroy()
    },
    settled: replies.settled,
    cut: () => {
      let busy = 0
      for (const [socket, count] of underWay) {
        if (count > 0) busy += 1
        socket.destroy()
      }
      return busy
    },
  }
}

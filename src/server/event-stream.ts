import { PassThrough, type Readable } from 'node:stream'

export interface EventStream {
  /** The bytes, for the reply. */
  readonly body: Readable
  /** Adds one event; nothing once it has ended or its reader is gone. */
  send(event: string, data: unknown): void
  /** Idempotent. */
  end(): void
}

/**
 * Server-sent events, as text/event-stream has them, each with its data as one line of JSON. A comment opens it, so that
 * the headers go out at once, and keeps it open through proxies while nothing else is said.
 */
export function createEventStream(options: { heartbeatMs: number }): EventStream {
  const body = new PassThrough()
  const write = (text: string) => {
    if (!body.destroyed && !body.writableEnded) body.write(text)
  }
  const heartbeat = setInterval(() => write(': still here\n\n'), options.heartbeatMs)
  body.once('close', () => clearInterval(heartbeat))
  write(': asked\n\n')
  return {
    body,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => {
      clearInterval(heartbeat)
      if (!body.destroyed) body.end()
    },
  }
}

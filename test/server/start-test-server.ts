import pg from 'pg'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { NewRecord, PutResult } from '../../src/log/new-record.ts'
import type { Producer } from '../../src/log/producer.ts'
import type { ServerDeps } from '../../src/server/ports.ts'
import { type Server, startServer } from '../../src/server/server.ts'
import type { ServerOptions } from '../../src/server/server-options.ts'

export interface TestServer extends Server {
  /** What the server logged, an object a line. */
  logged: Record<string, unknown>[]
}

export const webDir = new URL('../../src/web', import.meta.url).pathname

/** A server on a free port with ports that answer nothing in particular; it is stopped after the test. */
export async function startTestServer(
  deps: Partial<ServerDeps> = {},
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const logged: Record<string, unknown>[] = []
  const logger = pino(
    { level: 'debug', base: null },
    { write: (line) => logged.push(JSON.parse(line)) },
  )
  const pool = new pg.Pool({ host: '127.0.0.1', port: 1, max: 1 })
  const server = await startServer(
    {
      pool,
      logger,
      producer: fakeProducer().producer,
      ask: async () => ({ text: 'nothing', citations: [] }),
      status: async () => ({
        engine: 'fake',
        version: '0',
        streams: [],
        indexed: 0,
        answerModel: null,
        embeddingModel: 'fake',
      }),
      neighbours: async () => [],
      webDir,
      ...deps,
    },
    { host: '127.0.0.1', port: 0, stopTimeoutMs: 200, ...options },
  )
  onTestFinished(async () => {
    await server.stop()
    await pool.end()
  })
  return { ...server, logged, [Symbol.asyncDispose]: server.stop }
}

export type PutRule = (record: NewRecord, index: number) => PutResult | undefined

export interface FakeProducer {
  producer: Producer
  /** Every record that was acknowledged. */
  stored: { stream: string; key: string; text: string; data: Buffer }[]
  /** How many records each call of `put` had. */
  calls: number[]
}

/** A producer that keeps records in memory. `rule` may refuse one, by its place among all records; `hold` delays acks. */
export function fakeProducer(rule: PutRule = () => undefined, hold?: Promise<void>): FakeProducer {
  const stored: FakeProducer['stored'] = []
  const calls: number[] = []
  let seen = 0
  const put = async (stream: string, records: readonly NewRecord[]) => {
    calls.push(records.length)
    const results = records.map((record): PutResult => {
      const index = seen
      seen += 1
      const refused = rule(record, index)
      if (refused) return refused
      const data = Buffer.from(record.data)
      stored.push({ stream, key: record.partitionKey, text: data.toString('utf8'), data })
      return { ok: true, shard: 0, sequence: BigInt(index) + 1n }
    })
    await hold
    return results
  }
  const stop = async () => {}
  return { producer: { put, stop, [Symbol.asyncDispose]: stop }, stored, calls }
}

export interface PostOptions {
  type?: string
  headers?: Record<string, string>
}

/** Posts a body and reads the JSON of the reply. */
export async function post(
  url: string,
  body: string | Buffer,
  { type, headers = {} }: PostOptions = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  })
  const parsed = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body: parsed }
}

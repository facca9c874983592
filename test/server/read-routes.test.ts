import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import type { NeighbourRecord } from '../../src/server/ports.ts'
import { startTestServer } from './start-test-server.ts'

const record = (sequence: number, isTarget = false): NeighbourRecord => ({
  citation: `logs/0/${sequence}`,
  at: new Date('2026-03-01T14:32:00.123Z'),
  service: 'cart',
  severity: 'warn',
  text: `record ${sequence}`,
  isTarget,
})

interface Body {
  records?: unknown[]
  error?: { code: string }
}

async function get(url: string) {
  const response = await fetch(url)
  const body = (await response.json()) as Body
  return { status: response.status, body }
}

describe('GET /api/records/:stream/:shard/:sequence', () => {
  it('gives the cited record among its neighbours', async () => {
    const asked: unknown[] = []
    const server = await startTestServer({
      neighbours: async (citation, around) => {
        asked.push([citation, around])
        return [record(1), record(2, true), record(3)]
      },
    })
    const reply = await get(`${server.url}/api/records/logs/0/250745796541022208?around=1`)
    expect(reply.status).toBe(200)
    expect(reply.body.records).toHaveLength(3)
    expect(reply.body.records?.[1]).toEqual({
      ...record(2, true),
      at: '2026-03-01T14:32:00.123Z',
    })
    await get(`${server.url}/api/records/logs/0/7`)
    expect(asked).toEqual([
      [{ stream: 'logs', shard: 0, sequence: 250745796541022208n }, 1],
      [{ stream: 'logs', shard: 0, sequence: 7n }, 5],
    ])
  })

  it('answers 404 when there is no such record, stream or number', async () => {
    const server = await startTestServer({
      neighbours: async ({ stream }) => {
        if (stream === 'nowhere') throw new MillraceError('not_found', 'no such stream')
        return [record(1)]
      },
    })
    for (const path of ['logs/0/2', 'nowhere/0/2', 'logs/0/9999999999999999999'])
      expect((await get(`${server.url}/api/records/${path}`)).status).toBe(404)
  })

  it.each([
    ['logs/0/abc'],
    ['logs/x/1'],
    ['lo%20gs/0/1'],
    ['logs/0/1?around=101'],
    ['logs/0/1?around=-1'],
    ['logs/0/1?around=1.5'],
    ['logs/0/1?round=5'],
  ])('refuses %s with a reason', async (path) => {
    const server = await startTestServer({ neighbours: async () => [record(1, true)] })
    const reply = await get(`${server.url}/api/records/${path}`)
    expect(reply.status).toBe(400)
    expect(reply.body.error?.code).toBe('invalid_argument')
  })
})

describe('GET /api/status', () => {
  it('says what the server holds', async () => {
    const status = {
      engine: 'postgres',
      version: '1.0.0',
      streams: [{ name: 'logs', shards: 2, records: null, lagRecords: 3 }],
      indexed: 12,
      answerModel: null,
      embeddingModel: 'minilm',
    }
    const server = await startTestServer({ status: async () => status })
    expect(await get(`${server.url}/api/status`)).toEqual({ status: 200, body: status })
  })

  it('answers 503 while the database is away', async () => {
    const error = new MillraceError('database_unavailable', 'away', { retryable: true })
    const server = await startTestServer({ status: () => Promise.reject(error) })
    expect(await get(`${server.url}/api/status`)).toEqual({
      status: 503,
      body: { error: { code: 'database_unavailable', message: 'away' } },
    })
  })
})

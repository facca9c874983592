import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'
import { post, startTestServer } from './start-test-server.ts'

const logger = createLogger({ level: 'silent' })
const ndjson = { type: 'application/x-ndjson' }
// At the top of the file: what it registers for the end would be lost inside a hook.
const db = await testDatabase()

async function start(producerOptions: Parameters<typeof createProducer>[1] = {}, options = {}) {
  const producer = createProducer({ ...db, logger }, producerOptions)
  onTestFinished(() => producer.stop())
  const server = await startTestServer({ ...db, producer }, { stopTimeoutMs: 30_000, ...options })
  return { server, producer }
}

describe('the server on a database', () => {
  it('is healthy', async () => {
    const { server } = await start()
    const response = await fetch(`${server.url}/healthz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  it('acknowledges what is in the log, under the citations that it gives, byte for byte', async () => {
    await createStream(db, { name: 'web', shards: 2 })
    const { server } = await start()
    const lines = [
      Buffer.from('{"host":"a","n":1.0}'),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from('{broken'),
    ]
    const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
    const url = `${server.url}/streams/web/records?results=1`
    const reply = await post(url, gzipSync(body), {
      ...ndjson,
      headers: { 'content-encoding': 'gzip' },
    })
    expect(reply).toMatchObject({ status: 200, body: { accepted: 3, rejected: 0 } })
    const results = reply.body.records as { shard: number; sequence: string }[]
    const stored = await readStream(db, 'web')
    const byPlace = new Map(
      stored.map((record) => [`${record.shard}/${record.sequence}`, record.data]),
    )
    expect(results.map(({ shard, sequence }) => byPlace.get(`${shard}/${sequence}`))).toEqual(lines)
  })

  it('answers 404 for an unknown stream, with the command that creates it', async () => {
    const { server } = await start()
    const reply = await post(`${server.url}/streams/nowhere/records`, 'x\n', ndjson)
    expect(reply.status).toBe(404)
    expect(reply.body).toMatchObject({
      error: {
        code: 'not_found',
        message: expect.stringContaining('millrace stream create nowhere'),
      },
    })
  })

  it('stores the neighbours of a line that is too large for its stream', async () => {
    await createStream(db, { name: 'sizes' })
    const { server } = await start()
    const body = `first\n${'x'.repeat(5 << 20)}\nlast\n`
    const reply = await post(`${server.url}/streams/sizes/records`, body, ndjson)
    expect(reply).toMatchObject({
      status: 200,
      body: { accepted: 2, rejected: 1, errors: [{ index: 1, error: { code: 'limit_exceeded' } }] },
    })
    expect((await readStream(db, 'sizes')).map(({ data }) => data.toString())).toEqual([
      'first',
      'last',
    ])
    const alone = await post(`${server.url}/streams/sizes/records`, 'x'.repeat(5 << 20), ndjson)
    expect(alone.status).toBe(413)
  })

  it('keeps the order of the lines of one request, however many there are', async () => {
    await createStream(db, { name: 'order', shards: 3 })
    const { server } = await start()
    const lines = Array.from({ length: 12_000 }, (_, index) => `line ${index}`)
    const url = `${server.url}/streams/order/records`
    expect((await post(url, lines.join('\n'), { type: 'text/plain' })).body.accepted).toBe(12_000)
    expect((await readStream(db, 'order')).map(({ data }) => data.toString())).toEqual(lines)
  })

  it('says how many records are stored when the producer has no more room', async () => {
    await createStream(db, { name: 'room' })
    const { server } = await start({ maxBufferedBytes: 2_000 })
    const body = Array.from({ length: 30 }, () => 'x'.repeat(100)).join('\n')
    const reply = await post(`${server.url}/streams/room/records?partitionKey=k`, body, ndjson)
    expect(reply.status).toBe(503)
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(reply.body).toMatchObject({ accepted: 19, rejected: 0, notStored: 11 })
    expect(await readStream(db, 'room')).toHaveLength(19)
  })

  it('stores OTLP log records', async () => {
    await createStream(db, { name: 'logs' })
    const { server } = await start()
    const request = {
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] },
          scopeLogs: [{ scope: { name: 's' }, logRecords: [{ body: { stringValue: 'hello' } }] }],
        },
      ],
    }
    const reply = await post(`${server.url}/v1/logs`, JSON.stringify(request), {
      type: 'application/json',
    })
    expect(reply).toMatchObject({ status: 200, body: {} })
    const [record] = await readStream(db, 'logs')
    expect(record?.partitionKey).toBe('cart')
    expect(JSON.parse(record?.data.toString() ?? '')).toEqual({
      resource: request.resourceLogs[0]?.resource,
      scope: { name: 's' },
      logRecord: { body: { stringValue: 'hello' } },
    })
  })

  it('stopped under a load of posts has stored every record that it acknowledged, once', async () => {
    await createStream(db, { name: 'load', shards: 4 })
    const { server, producer } = await start()
    const acknowledged: string[] = []
    const enough = Promise.withResolvers<void>()
    const statuses = new Map<number | string, number>()
    const send = async (sender: number) => {
      for (let round = 0; ; round += 1) {
        const lines = Array.from({ length: 50 }, (_, index) => `${sender}.${round}.${index}`)
        const url = `${server.url}/streams/load/records?partitionKey=${sender}`
        const reply = await post(url, lines.join('\n'), { type: 'text/plain' }).catch(() => null)
        const status = reply?.status ?? 'no answer'
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status !== 200) return
        acknowledged.push(...lines)
        if (acknowledged.length > 10_000) enough.resolve()
      }
    }
    const senders = Array.from({ length: 16 }, (_, sender) => send(sender))
    await enough.promise
    await server.stop()
    await Promise.all(senders)
    await producer.stop()
    const stored = (await readStream(db, 'load')).map(({ data }) => data.toString())
    const distinct = new Set(stored)
    expect(distinct.size).toBe(stored.length)
    expect(acknowledged.filter((line) => !distinct.has(line))).toEqual([])
    expect(statuses.get(200)).toBeGreaterThan(100)
    // What was refused was not stored: the senders know the truth about every record but those without an answer.
    const unanswered = (statuses.get('no answer') ?? 0) * 50
    expect(stored.length - acknowledged.length).toBeLessThanOrEqual(unanswered)
  })
})

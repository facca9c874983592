import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { generateIncident } from '../../examples/incident/generate.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { pipelinesOf } from '../../src/pipeline/define-config.ts'
import { isCaughtUp } from '../../src/pipeline/is-caught-up.ts'
import { createJoiner } from '../../src/pipeline/steps/parse/join/join-records.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { testDatabase } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const dir = await mkdtemp(join(tmpdir(), 'millrace-archive-'))
const told: { key: string; service: string; errors: number }[] = []
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString()
  })
  request.on('end', () => {
    told.push({ ...JSON.parse(body), key: request.headers['idempotency-key'] })
    response.end()
  })
})
let lines = 0
/** A stack trace is one event with the line before it. */
let events = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    receiver.listen(0, '127.0.0.1', resolve)
  })
  vi.stubEnv('ARCHIVE_DIR', dir)
  vi.stubEnv('ALERT_WEBHOOK', `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`)
  await createStream(db, { name: 'shop', shards: 2 })
  await createStream(db, { name: 'error-rates' })
  await using producer = createProducer({ ...db, logger })
  const records = [...generateIncident({ end: new Date() })].map(({ partitionKey, record }) => ({
    partitionKey,
    data: Buffer.from(JSON.stringify(record)),
  }))
  lines = records.length
  const arrivedAt = new Date()
  const read = records.map((record, index) => ({
    ...record,
    sequence: BigInt(index + 1),
    arrivedAt,
  }))
  events = (await createJoiner(db)(read, { shardId: 1, span: null })).flat().length
  for (const result of await producer.put('shop', records)) if (!result.ok) throw result.error
}, 60_000)

afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await rm(dir, { recursive: true, force: true })
})

/** Works an example's pipelines until nothing is left. */
async function workExample(name: string): Promise<void> {
  const { default: config } = await import(`../../examples/${name}/millrace.config.ts`)
  const pipelines = pipelinesOf(config, name)
  await using worker = await startWorker({ ...db, logger }, { pipelines, pollMs: 200 })
  await vi.waitFor(async () => expect(await isCaughtUp(db, worker.pipelines)).toBe(true), {
    timeout: 100_000,
    interval: 300,
  })
}

describe('the examples', () => {
  it('archive every record once, as both formats, with a manifest that says so', async () => {
    await workExample('archive')
    let archived = 0
    for (const shard of await readdir(join(dir, 'ndjson/shop'))) {
      const folder = join(dir, 'ndjson/shop', shard)
      const manifest = (await readFile(join(folder, 'manifest.ndjson'), 'utf8')).trim().split('\n')
      for (const line of manifest) {
        const { path, records } = JSON.parse(line)
        const file = gunzipSync(await readFile(join(dir, 'ndjson', path)))
        expect(file.toString().trim().split('\n')).toHaveLength(records)
        archived += records
      }
    }
    expect(archived).toBe(lines)
  }, 120_000)

  it('count errors by service, and tell a webhook of each bad window', async () => {
    await workExample('error-alerts')
    const { rows } = await db.pool.query(
      'select sum(lines)::int as lines, sum(errors)::int as errors from error_rate',
    )
    expect(rows[0].lines).toBe(events)
    expect(events).toBeLessThan(lines)
    const { rows: alerts } = await db.pool.query('select service, errors::int from alert')
    expect(alerts.length).toBeGreaterThan(0)
    expect(told.map(({ service, errors }) => ({ service, errors }))).toEqual(
      expect.arrayContaining(alerts),
    )
    expect(new Set(told.map(({ key }) => key)).size).toBe(alerts.length)
  }, 120_000)
})

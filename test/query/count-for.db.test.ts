import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { ensureVectorIndex } from '../../src/knowledge/ensure-vector-index.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { catchUp } from '../../src/pipeline/catch-up.ts'
import { logsPipeline } from '../../src/pipeline/logs-pipeline.ts'
import { ask } from '../../src/query/ask.ts'
import { testDatabase } from '../support/database.ts'
import { createWordEmbedder } from '../support/word-embedder.ts'

const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const embedder = createWordEmbedder(64)
let model = { id: 0, dimensions: 64 }
const times = (n: number, line: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => {
    const [, level, service, message] = /^(\w+) \[(\w+)\] (.*)$/.exec(line(i)) ?? []
    const timestamp = new Date(Date.UTC(2026, 10, 23, 10, i)).toISOString()
    return JSON.stringify({ timestamp, level, service, message })
  })

const lines = [
  ...times(9, (i) => `INFO [till] parcel packed number=${i + 1000}`),
  ...times(4, () => 'INFO [archive] statement: select parcel order by packed_at desc'),
  ...times(6, () => 'ERROR [till] gave up waiting for depot'),
  ...times(5, () => 'ERROR [depot] shelf is broken'),
  ...times(2, () => 'FATAL [depot] roof is gone'),
  ...times(6, () => 'WARN [depot] shelf is nearly full'),
  ...times(
    3,
    (i) => `WARN [ring] cannot open channel to ${i === 0 ? 2 : 3} at address 10.0.0.${i}`,
  ),
  ...times(8, (i) => `INFO [ftpd] connection from 192.0.2.${i}`),
  ...times(2, () => 'INFO [ftpd] transport is not connected'),
  ...times(3, (i) => `INFO [web] "DELETE /cart/${i} HTTP/1.1" 204 512`),
  ...times(2, (i) => `INFO [web] "GET /cart/${i} HTTP/1.1" 500 204`),
]

beforeAll(async () => {
  model = { id: await registerModel(db.pool, embedder), dimensions: 64 }
  await ensureVectorIndex(db, model)
  await createStream(db, { name: 'shop' })
  await using producer = createProducer({ ...db, logger })
  const records = lines.map((line) => ({ partitionKey: 'k', data: Buffer.from(line) }))
  for (const result of await producer.put('shop', records)) if (!result.ok) throw result.error
  const embedding = async () => ({ embedder, modelId: model.id })
  await catchUp({ ...db, logger, embedding }, logsPipeline(), {
    signal: new AbortController().signal,
  })
}, 60_000)

const question = (text: string) =>
  ask(
    { pool: db.pool, logger, embedder, model },
    { question: text, now: new Date('2026-11-23T11:00:00Z'), timeZone: 'UTC' },
  )

describe('a count is of the lines that a plain reading names', () => {
  it.each([
    ['a word inside a written_name is another word', 'how many parcels were packed', 9],
    ['a service that is waited for is a word', 'how many gave up waiting for depot', 6],
    ['errors are those and what is graver', 'how many errors did depot have', 7],
    ['ERROR lines are those alone', 'how many ERROR lines did depot write', 5],
    ['warnings are those alone', 'how many warnings did depot log', 6],
    ['a small number is held by the line', 'how often could the channel to 2 open', 1],
    ['a daemon is known by its short name', 'how many ftp connections were there', 8],
    ['a noun of doing is not its verb', 'how many connections did ftpd get', 8],
    ['what a line is need not be said by it', 'how many DELETE requests were there', 3],
    ['a status is not the bytes', 'how many requests were answered with 204', 3],
  ])('%s: %s', async (_, asked, exact) => {
    expect((await question(asked)).count).toBe(exact)
  })

  it('puts the largest group first among the evidence', async () => {
    const { evidence } = await question('which service logs the most errors?')
    expect(evidence.items[0]?.service).toBe('depot')
    expect(evidence.items.length).toBeGreaterThan(1)
  })

  it('says what it left out', async () => {
    const { text } = await question('how many DELETE requests were there')
    expect(text).toMatch(/^3 events with “delete”.*not looked for: “requests”/)
  })

  it('shows a line that holds the number', async () => {
    const { evidence } = await question('how often could the channel to 2 open')
    expect(evidence.items[0]?.text).toMatch(/channel to 2 at/)
  })
})

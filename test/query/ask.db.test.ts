import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateIncident, incidentFacts } from '../../examples/incident/generate.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createCachedEmbedder } from '../../src/embed/cached-embedder.ts'
import { createEmbedder } from '../../src/embed/create-embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { ensureVectorIndex } from '../../src/knowledge/ensure-vector-index.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { catchUp } from '../../src/pipeline/catch-up.ts'
import { logsPipeline } from '../../src/pipeline/logs-pipeline.ts'
import { type AskEvent, ask } from '../../src/query/ask.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })
const end = new Date('2026-11-23T14:45:00Z')
const facts = incidentFacts({ end })
const source = await createEmbedder({ logger }, undefined)
const model = { id: await registerModel(db.pool, source), dimensions: source.dimensions }
const embedder = createCachedEmbedder({ pool: db.pool, embedder: source, modelId: model.id })
afterAll(() => embedder.close())

beforeAll(async () => {
  await ensureVectorIndex(db, model)
  await createStream(db, { name: 'shop', shards: 2 })
  await createStream(db, { name: 'silent' })
  await using producer = createProducer({ ...db, logger })
  const records = [...generateIncident({ end })].map(({ partitionKey, record }) => ({
    partitionKey,
    data: Buffer.from(JSON.stringify(record)),
  }))
  for (const result of await producer.put('shop', records)) if (!result.ok) throw result.error
  const embedding = async () => ({ embedder, modelId: model.id })
  await catchUp({ ...db, logger, embedding }, logsPipeline(), {
    signal: new AbortController().signal,
  })
}, 180_000)

const question = (text: string, stream?: string, onEvent?: (event: AskEvent) => void) =>
  ask(
    { pool: db.pool, logger, embedder, model },
    { question: text, now: end, timeZone: 'UTC', ...(stream === undefined ? {} : { stream }) },
    onEvent,
  )

describe('ask', () => {
  it('counts exactly, and cites a line of what it counted', async () => {
    const answer = await question('How many times did a payment fail in the last 30 minutes?')
    expect(answer.count).toBe(facts.failedPayments)
    expect(answer.text).toContain(String(facts.failedPayments))
    expect(answer.citations[0]).toMatchObject({
      service: 'payments',
      text: expect.stringMatching(/^Payment failed/),
      citation: expect.stringMatching(/^shop\/\d\/\d+$/),
    })
  })

  it('tells what began before the symptom, in order, with the cause among it', async () => {
    const { text, citations } = await question('Why did payments fail in the last 30 minutes?')
    const lines = citations.map((line) => line.text)
    expect(lines).toContainEqual(expect.stringContaining('volume usage is above'))
    expect(lines).toContainEqual(expect.stringContaining('No space left on device'))
    const [symptom, ...story] = text.split('\n')
    expect(symptom).toMatch(/^Asked about: payments, .*Payment failed.*\[\d\]/)
    expect(story).toContainEqual(expect.stringMatching(/No space left on device.*\[\d+\].*related/))
  })

  it('lists the largest patterns of a filter, with exact counts and a line each', async () => {
    const { rows } = await db.pool.query(
      `select service, count(*)::int as events from millrace.event where severity >= 17 group by 1 order by 2 desc`,
    )
    const total = rows.reduce((sum, row) => sum + row.events, 0)
    for (const asked of ['errors in the last hour', 'show me the errors', 'top errors']) {
      const { count, text, citations, found } = await question(asked)
      expect({ asked, count, found }).toEqual({ asked, count: total, found: true })
      const counts = [...text.matchAll(/^\d\. ([\d,]+) ×/gm)].map((match) => Number(match[1]))
      expect(counts).toEqual(counts.toSorted((a, b) => b - a))
      expect(citations).toHaveLength(counts.length)
    }
    const byService = await question('which services had errors in the last hour?')
    expect(byService.count).toBe(total)
    for (const { service, events } of rows)
      expect(byService.text).toMatch(
        new RegExp(`^\\d+\\. ${events.toLocaleString('en-US')} × ${service}: .*\\[\\d+\\]$`, 'm'),
      )
  })

  it('answers which errors began with what is new, cited, and none below that severity', async () => {
    for (const asked of [
      'which errors began around 14:34?',
      'what errors started in the last hour?',
    ]) {
      const { found, text, citations } = await question(asked)
      expect({ asked, found }).toEqual({ asked, found: true })
      expect(text).toMatch(/^The first to begin: .*new in this time\./)
      expect(citations.map((line) => line.severity)).toEqual(
        citations.map(() => expect.stringMatching(/error|fatal/i)),
      )
    }
  })

  it('counts a status by itself, and cites lines that hold it', async () => {
    for (const status of ['502', '504']) {
      const { rows } = await db.pool.query(
        `select count(*)::int as events from millrace.event
          where service = 'frontend' and body ~ ('HTTP/[0-9.]+" ' || $1 || ' ')`,
        [status],
      )
      const answer = await question(`how many ${status} did the frontend return?`)
      expect(answer.count).toBe(rows[0]?.events)
      expect(answer.citations.length).toBeGreaterThan(0)
      for (const line of answer.citations) expect(line.text).toMatch(new RegExp(`\\b${status}\\b`))
    }
  })

  it('finds every event that names an identifier', async () => {
    const { id, lines } = facts.lostOrder
    const answer = await question(`What happened to order ${id}?`)
    expect(answer.evidence.total).toBe(lines.length)
    for (const item of answer.evidence.items) expect(item.text + item.service).toBeTruthy()
    expect(answer.text).toContain(`${id} is in ${lines.length} events`)
  })

  it('says that it found nothing, and where it looked, when it did not happen', async () => {
    const answer = await question('Was there a deadlock in the last 30 minutes?')
    expect(answer).toMatchObject({ found: false })
    expect(answer.text).toMatch(/deadlock/)
    expect(answer.searched.events).toBeGreaterThan(19_000)
  })

  it('tells a window without events from events that do not answer', async () => {
    const answer = await question('Did payments fail between 09:00 and 09:30?')
    expect(answer).toMatchObject({ found: false, searched: { events: 0 } })
    expect(answer.searched.newest).not.toBeNull()
    expect((await question('Did payments fail?', 'silent')).found).toBe(false)
  })

  it('keeps to "around 14:32" and to the service it is asked about', async () => {
    const answer = await question('Which errors did checkout have around 14:34?')
    expect(answer.plan).toMatchObject({
      services: ['checkout'],
      window: { label: expect.stringContaining('14:34') },
    })
    for (const line of answer.citations) {
      expect(line.service).toBe('checkout')
      expect(
        Math.abs(Date.parse(line.at) - Date.parse('2026-11-23T14:34:00Z')),
      ).toBeLessThanOrEqual(600_000)
    }
    expect(answer.citations.length).toBeGreaterThan(0)
  })

  it('does not take a word behind "login" or "user" for a name that nobody has', async () => {
    const answer = await question('How many failed login attempts were rejected by auth?')
    expect(answer.plan.identifiers).toEqual([])
    expect((await question('What happened to order ORD-000000?')).text).toMatch(
      /“ORD-000000” is in none of/,
    )
  })

  it('shows no secret that the logs held', async () => {
    const { rows } = await db.pool.query(
      `select concat_ws(' ', body, attributes, array_to_string(terms, ' ')) as text from millrace.event
       union all
       select concat_ws(' ', template, example, words) from millrace.pattern`,
    )
    const stored = rows.map((row) => row.text).join('\n')
    expect(facts.secrets.length).toBeGreaterThan(10)
    expect(facts.secrets.filter((secret) => stored.includes(secret))).toEqual([])
  })

  it('refuses an unknown stream and names the known ones', async () => {
    await expect(question('anything?', 'nowhere')).rejects.toThrow(/there are: shop, silent/)
  })

  it('tells plan, evidence and text as they come', async () => {
    const events: string[] = []
    const answer = await question('Is the volume full?', undefined, (event) =>
      events.push(event.type),
    )
    expect(events).toEqual(['plan', 'evidence', 'text'])
    expect(answer.citations[0]?.text).toMatch(/volume/)
  })
})

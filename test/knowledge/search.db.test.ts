import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { countByWords } from '../../src/knowledge/count-events.ts'
import { embedPatterns } from '../../src/knowledge/embed-patterns.ts'
import { ensureVectorIndex } from '../../src/knowledge/ensure-vector-index.ts'
import type { SearchFilters } from '../../src/knowledge/evidence.ts'
import { type SearchDeps, type SearchInput, search } from '../../src/knowledge/search.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { catchUp } from '../../src/pipeline/catch-up.ts'
import { logsPipeline } from '../../src/pipeline/logs-pipeline.ts'
import { testDatabase } from '../support/database.ts'
import { createWordEmbedder } from '../support/word-embedder.ts'

const logger = createLogger({ level: 'silent' })
const everything: SearchFilters = {
  from: null,
  to: null,
  services: [],
  minSeverity: 0,
  streams: [],
}
const db = await testDatabase()
let deps: SearchDeps

const lines = [
  ...Array.from(
    { length: 30 },
    (_, i) => `2026-11-23T10:${10 + i}:00Z INFO [web] GET /cart/${i} served in ${i * 3} ms`,
  ),
  '2026-11-23T10:12:00Z ERROR [payments] card of user alice was declined, order ord-1001',
  '2026-11-23T10:13:00Z ERROR [payments] card of user bob was declined, order ord-1002',
  '2026-11-23T10:14:00Z ERROR [payments] card of user alice was declined, order ord-1003',
  '2026-11-23T10:20:00Z ERROR [db] could not extend file base/16401: No space left on device',
  '2026-11-23T10:21:00Z WARN [db] checkpoints are occurring too frequently (9 seconds apart)',
  '2026-11-23T11:30:00Z ERROR [db] could not extend file base/16402: No space left on device',
]

beforeAll(async () => {
  const embedder = createWordEmbedder(64)
  const model = { id: await registerModel(db.pool, embedder), dimensions: 64 }
  await ensureVectorIndex(db, model)
  deps = { pool: db.pool, logger, embedder, model }
  await createStream(db, { name: 'shop', shards: 2 })
  await createStream(db, { name: 'other' })
  await using producer = createProducer({ ...db, logger })
  await producer.put(
    'shop',
    lines.map((line, index) => ({ partitionKey: `k${index}`, data: Buffer.from(line) })),
  )
  await producer.put('other', [
    {
      partitionKey: 'k',
      data: Buffer.from(
        '2026-11-23T10:20:30Z ERROR [db] could not extend file base/1: No space left on device',
      ),
    },
  ])
  await catchUp(
    { ...db, logger, embedding: async () => ({ embedder, modelId: model.id }) },
    logsPipeline(),
    { signal: new AbortController().signal },
  )
})

const find = (input: Partial<SearchInput>, filters: Partial<SearchFilters> = {}) =>
  search(
    deps,
    {
      text: (input.words ?? []).join(' '),
      identifiers: [],
      words: [],
      filters: { ...everything, ...filters },
      ...input,
    },
    { limit: 5 },
  )

describe('search', () => {
  it('finds the pattern that shares the rare words, once, with its count and its first and last event', async () => {
    const { items, total } = await find({ words: ['space', 'left', 'device'] })
    expect(items[0]).toMatchObject({ text: expect.stringContaining('No space left'), count: 3 })
    expect(items[0]?.first.toISOString()).toBe('2026-11-23T10:20:00.000Z')
    expect(items[0]?.last.toISOString()).toBe('2026-11-23T11:30:00.000Z')
    expect(items.filter((item) => item.text.includes('No space left'))).toHaveLength(1)
    expect(total).toBeGreaterThanOrEqual(3)
  })

  it('keeps to window, severity and stream before it ranks', async () => {
    const early = { from: new Date('2026-11-23T10:00:00Z'), to: new Date('2026-11-23T11:00:00Z') }
    expect((await find({ words: ['space'] }, early)).items[0]).toMatchObject({ count: 2 })
    expect((await find({ words: ['space'] }, { streams: ['other'] })).items[0]).toMatchObject({
      citation: { stream: 'other', shard: 0 },
      count: 1,
    })
    expect(
      (await find({ words: ['checkpoints'] }, { minSeverity: 17 })).items.map(
        (item) => item.severity,
      ),
    ).not.toContain(13)
    const nothing = await find({ words: ['space'] }, { from: new Date('2026-11-24T00:00:00Z') })
    expect(nothing).toMatchObject({ items: [], total: 0 })
  })

  it('lets a known identifier decide: only events that hold it are evidence', async () => {
    const { items, identifiers } = await find({ words: ['card'], identifiers: ['ORD-1002'] })
    expect(items.map((item) => item.text)).toEqual([expect.stringContaining('bob')])
    expect(identifiers).toEqual([{ value: 'ORD-1002', events: 1 }])
    expect((await find({ identifiers: ['ord-9999'] })).identifiers).toEqual([
      { value: 'ord-9999', events: 0 },
    ])
  })

  it('prefers the line that holds a name which is in no pattern', async () => {
    const { items } = await find({ words: ['card', 'declined', 'bob'] })
    expect(items[0]?.text).toContain('bob')
  })

  it('says nothing when nothing is alike', async () => {
    expect(await find({ words: ['volcano', 'eruption'] })).toMatchObject({ items: [], total: 0 })
  })
})

describe('counting by words', () => {
  it('counts exactly the events that hold every word, in their pattern or as a term', async () => {
    const count = async (words: string[]) => {
      const groups = await countByWords(db, { words, filters: everything })
      return groups.reduce((sum, group) => sum + group.count, 0)
    }
    expect(await count(['declined'])).toBe(3)
    expect(await count(['declined', 'alice'])).toBe(2)
    expect(await count(['declining', 'cards'])).toBe(3)
    expect(await count(['served'])).toBe(30)
    expect(await count(['declined', 'served'])).toBe(0)
    expect(await count([])).toBe(lines.length + 1)
  })
})

describe('vectors of several models', () => {
  it('never meet: another model starts without any, and gets its own for every pattern', async () => {
    const other = createWordEmbedder(32)
    const model = { id: await registerModel(db.pool, other), dimensions: 32 }
    await ensureVectorIndex(db, model)
    const vectors = async (id: number) => {
      const { rows } = await db.pool.query(
        'select count(*)::int as count, max(vector_dims(embedding::vector)) as dims from millrace.pattern_embedding where model_id = $1',
        [id],
      )
      return rows[0]
    }
    const before = await vectors(deps.model.id)
    expect(await vectors(model.id)).toEqual({ count: 0, dims: null })
    while (
      (await embedPatterns({ pool: db.pool, embedder: other, modelId: model.id }, { limit: 2 })) > 0
    );
    expect(await vectors(model.id)).toEqual({ count: before.count, dims: 32 })
    expect(await vectors(deps.model.id)).toEqual(before)
    const { items } = await search(
      { pool: db.pool, logger, embedder: other, model },
      { text: 'no space left on device', words: [], identifiers: [], filters: everything },
      { limit: 1 },
    )
    expect(items[0]?.legs.vector).toBeGreaterThan(0.5)
  })
})

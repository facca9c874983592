import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import { registerModel } from '../../../src/embed/register-model.ts'
import { countByPattern, countByWords } from '../../../src/knowledge/count-events.ts'
import { embedPatterns } from '../../../src/knowledge/embed-patterns.ts'
import { ensureVectorIndex } from '../../../src/knowledge/ensure-vector-index.ts'
import { createPatternMatcher } from '../../../src/knowledge/match-patterns.ts'
import { retireEvents } from '../../../src/knowledge/retire/retire-events.ts'
import { retirePatterns } from '../../../src/knowledge/retire/retire-patterns.ts'
import { search } from '../../../src/knowledge/search.ts'
import { findEventsByTerms } from '../../../src/knowledge/search-events.ts'
import { testDatabase } from '../../support/database.ts'
import { createWordEmbedder } from '../../support/word-embedder.ts'
import { dayMs, dayTables, insertBatch, isWaiting, pastEvent, readCounts } from './past-events.ts'

const db = await testDatabase()
const embedder = createWordEmbedder(64)
const model = { id: await registerModel(db.pool, embedder), dimensions: embedder.dimensions }
const everything = { from: null, to: null, services: [], minSeverity: 0, streams: [] }
const shards = [1, 2, 3]
const words = ['disk', 'queue', 'login', 'cache', 'mail', 'lease', 'route', 'timer']
const lines = words.map((word) => ({
  service: 'web',
  severity: 9,
  shape: `${word} of the node is in trouble`,
  example: `${word} of the node is in trouble`,
}))
const shownDays = 6
const now = Date.now()
let patternIds: number[] = []

beforeAll(async () => {
  await ensureVectorIndex(db, model)
  patternIds = (await createPatternMatcher(db).match(lines)).patternIds
  await embedPatterns({ pool: db.pool, embedder, modelId: model.id })
})

/** Events that arrived so many days ago and happened in one same hour, whatever the day. */
const eventsOf = (day: number, from: number, count: number) =>
  Array.from({ length: count }, (_, index) =>
    pastEvent(patternIds[index % words.length] ?? 0, new Date(now - day * dayMs), {
      at: new Date(now - 9 * dayMs + ((index * 7_919) % 3_600_000)),
      place: from + index,
      terms: [`item${index % 50}`],
    }),
  )

describe('retiring while others write and search', () => {
  it('shows no error to anybody, and counts are those of the events throughout', async () => {
    for (let day = 0; day <= shownDays; day += 1)
      for (const shardId of shards) await insertBatch(db, shardId, eventsOf(day, 0, 400))
    const done = new AbortController()
    let batches = 0
    let searches = 0
    // Late lines, in the very minutes whose counts are being taken, and lines of a backlog that is behind the horizon.
    const writing = shards.map(async (shardId) => {
      for (let from = 400; !done.signal.aborted; from += 40) {
        await insertBatch(db, shardId, eventsOf(0, from, 40))
        await insertBatch(db, shardId, eventsOf(batches % 7, from, 40))
        batches += 1
      }
    })
    const deps = { pool: db.pool, embedder, model, logger: createLogger({ level: 'silent' }) }
    const searching = [0, 1].map(async () => {
      while (!done.signal.aborted) {
        const text = `${words[searches % words.length]} trouble`
        await search(
          deps,
          { text, identifiers: [], words: ['trouble'], filters: everything },
          { limit: 5 },
        )
        await findEventsByTerms(
          db,
          { terms: [`item${searches % 50}`], filters: everything },
          { limit: 200 },
        )
        await countByWords(db, { words: ['item7'], filters: everything })
        const [whole] = await countByPattern(db, {
          patternIds: patternIds.slice(0, 1),
          filters: everything,
        })
        expect(whole?.count).toBeGreaterThan(0)
        searches += 1
      }
    })
    const checking = (async () => {
      while (!done.signal.aborted) {
        const counts = await readCounts(db)
        expect(counts.counted).toEqual(counts.recounted)
      }
    })()
    const retiring = (async () => {
      let days = 0
      for (let keep = shownDays - 1; keep >= 1; keep -= 1) {
        const until = Date.now() + 60_000
        const gone = days + 1
        while (days < gone && Date.now() < until) {
          const run = await Promise.all([
            retireEvents(db, { retentionHours: keep * 24 }),
            retireEvents(db, { retentionHours: keep * 24 }),
          ])
          days += run.reduce((sum, one) => sum + one.days, 0)
          await retirePatterns(db, { retentionHours: 24 })
        }
      }
      return days
    })().finally(() => done.abort())
    const results = await Promise.allSettled([...writing, ...searching, checking, retiring])
    for (const result of results) if (result.status === 'rejected') throw result.reason
    expect(await retiring).toBeGreaterThanOrEqual(shownDays - 1)
    expect(Math.min(batches, searches)).toBeGreaterThan(10)
    const counts = await readCounts(db)
    expect(counts.counted).toEqual(counts.recounted)
    expect((await dayTables(db)).length).toBeLessThanOrEqual(3)
  }, 300_000)

  it('waits for nobody: a day that an old reader holds stays, with its counts, and goes when the reader ends', async () => {
    await insertBatch(db, 1, eventsOf(1, 100_000, 50))
    const reader = await db.pool.connect()
    await reader.query('begin')
    await reader.query('select count(*) from millrace.event')
    const before = await dayTables(db)
    // An hour ago may be yesterday.
    await retireEvents(db, { retentionHours: 0 })
    await insertBatch(db, 1, eventsOf(0, 100_000, 50))
    const held = await readCounts(db)
    expect(held.counted).toEqual(held.recounted)
    expect(await dayTables(db)).toEqual(before)
    await reader.query('rollback')
    reader.release()
    const { days } = await retireEvents(db, { retentionHours: 0 })
    expect(days).toBeGreaterThan(0)
    const freed = await readCounts(db)
    expect(freed.counted).toEqual(freed.recounted)
  }, 60_000)

  it('finishes a detach that was interrupted half-way', async () => {
    const day = new Date(now - 3 * dayMs)
    await db.pool.query('update millrace.retirement set event_seq = 0')
    await insertBatch(db, 1, [pastEvent(patternIds[0] ?? 0, day)])
    const table = `event_${day.toISOString().slice(0, 10).replaceAll('-', '')}`
    const reader = await db.pool.connect()
    await reader.query('begin')
    await reader.query('select count(*) from millrace.event')
    const detacher = await db.pool.connect()
    await detacher.query(`set statement_timeout = '300ms'`)
    await expect(
      detacher.query(`alter table millrace.event detach partition millrace.${table} concurrently`),
    ).rejects.toMatchObject({ code: '57014' })
    detacher.release(true)
    await reader.query('rollback')
    reader.release()
    await retireEvents(db, { retentionHours: 24 })
    expect(await dayTables(db)).not.toContain(table)
    const counts = await readCounts(db)
    expect(counts.counted).toEqual(counts.recounted)
  }, 60_000)

  it('goes on with the next day when another run has dropped one that it waits for', async () => {
    await db.pool.query('update millrace.retirement set event_seq = 0')
    const days = [5, 4].map((day) => new Date(now - day * dayMs))
    const tables = days.map((day) => `event_${day.toISOString().slice(0, 10).replaceAll('-', '')}`)
    for (const day of days) await insertBatch(db, 1, [pastEvent(patternIds[0] ?? 0, day)])
    await db.pool.query(`alter table millrace.event detach partition millrace.${tables[0]}`)
    const other = await db.pool.connect()
    await other.query(`begin; drop table millrace.${tables[0]}`)
    const retiring = retireEvents(db, { retentionHours: 24 })
    await expect.poll(() => isWaiting(db), { interval: 5 }).toBe(true)
    await other.query('commit')
    other.release()
    expect(await retiring).toMatchObject({ days: 1 })
    expect(await dayTables(db)).not.toContain(tables[1])
  }, 60_000)
})

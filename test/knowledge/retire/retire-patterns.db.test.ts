import { beforeEach, describe, expect, it } from 'vitest'
import { isMillraceError } from '../../../src/base/errors.ts'
import { registerModel } from '../../../src/embed/register-model.ts'
import { embedPatterns } from '../../../src/knowledge/embed-patterns.ts'
import { maskBody } from '../../../src/knowledge/mask.ts'
import { createPatternMatcher } from '../../../src/knowledge/match-patterns.ts'
import { retireEvents } from '../../../src/knowledge/retire/retire-events.ts'
import { retirePatterns } from '../../../src/knowledge/retire/retire-patterns.ts'
import { searchByVector, searchByWords } from '../../../src/knowledge/search-legs.ts'
import { testDatabase } from '../../support/database.ts'
import { createWordEmbedder } from '../../support/word-embedder.ts'
import { dayMs, insertBatch, pastEvent } from './past-events.ts'

const db = await testDatabase()
const month = { retentionHours: 720 }
const embedder = createWordEmbedder(256)
const everything = { from: null, to: null, services: [], minSeverity: 0, streams: [] }
const now = new Date()
const longAgo = new Date(now.getTime() - 40 * dayMs)

const model = { id: await registerModel(db.pool, embedder), dimensions: embedder.dimensions }
const embed = () => embedPatterns({ pool: db.pool, embedder, modelId: model.id })
const lines = (...bodies: string[]) =>
  bodies.map((body) => ({
    service: 'web',
    severity: 9,
    shape: maskBody(body).shape,
    example: body,
  }))
const age = () => db.pool.query(`update millrace.pattern set created_at = $1`, [longAgo])
const count = async (table: string) =>
  (await db.pool.query(`select count(*)::int as count from millrace.${table}`)).rows[0].count

beforeEach(async () => {
  await db.pool.query('update millrace.retirement set event_seq = 0')
  for (const table of ['event', 'event_count', 'pattern_embedding', 'pattern_shape', 'pattern'])
    await db.pool.query(`delete from millrace.${table}`)
})

describe('retirePatterns', () => {
  it('deletes what has had no event for the retention, with its shapes and vectors, and keeps the rest', async () => {
    const matcher = createPatternMatcher(db)
    const { patternIds } = await matcher.match(
      lines('disk sda is full', 'login of user alice refused', 'mail queue stalled'),
    )
    const [quiet = 0, busy = 0, late = 0] = patternIds
    await insertBatch(db, 1, [pastEvent(quiet, longAgo), pastEvent(late, longAgo, { place: 1 })])
    await insertBatch(db, 1, [
      pastEvent(busy, now),
      pastEvent(late, now, { at: longAgo, place: 1 }),
    ])
    await embed()
    await age()
    expect(await retirePatterns(db, month)).toBe(0)
    await retireEvents(db, month)
    await matcher.match(lines('cache warmed up in time'))
    expect(await retirePatterns(db, month)).toBe(1)
    const { rows } = await db.pool.query('select id from millrace.pattern order by id')
    expect(rows.map((row) => row.id).slice(0, 2)).toEqual([busy, late])
    expect(rows).toHaveLength(3)
    expect(await count('pattern_shape')).toBe(3)
    expect(await count('pattern_embedding')).toBe(2)
  })

  it('lets a line of a retired shape be found again, though a worker knew the shape by heart', async () => {
    const matcher = createPatternMatcher(db)
    const line = lines('replica fell behind its primary')
    const [before = 0] = (await matcher.match(line)).patternIds
    await age()
    expect(await retirePatterns(db, month)).toBe(1)
    const { patternIds, met } = await matcher.match(line)
    const [after = 0] = patternIds
    expect(after).not.toBe(before)
    expect(met).toContain(after)
    await insertBatch(db, 1, [pastEvent(after, now)])
    await embed()
    const asked = { words: 'replica behind', filters: everything }
    const byWords = await searchByWords(db, asked, { limit: 5 })
    expect(byWords.map((hit) => hit.patternId)).toEqual([after])
    const [vector] = await embedder.embed(['replica behind its primary'])
    if (!vector) throw new Error('expected a vector')
    const byVector = await searchByVector(db, { model, vector, filters: everything }, { limit: 5 })
    expect(byVector.map((hit) => hit.patternId)).toEqual([after])
  })

  it('writes nothing of a batch whose pattern went after it was matched, and all of it the next time', async () => {
    const matcher = createPatternMatcher(db)
    const line = lines('certificate is about to expire', 'tunnel is up')
    const write = async () => {
      const { patternIds } = await matcher.match(line)
      return patternIds.map((id, place) => pastEvent(id, now, { place }))
    }
    const stale = await write()
    await age()
    expect(await retirePatterns(db, month)).toBe(2)
    const failure = await insertBatch(db, 1, stale).catch((error: unknown) => error)
    expect(isMillraceError(failure, 'conflict') && failure.retryable).toBe(true)
    expect([await count('event'), await count('event_count')]).toEqual([0, 0])
    await insertBatch(db, 1, await write())
    expect(await count('event')).toBe(2)
    expect(await retirePatterns(db, month)).toBe(0)
  })

  it('leaves no vector of a pattern that goes while it is embedded', async () => {
    const matcher = createPatternMatcher(db)
    await matcher.match(lines('leader elected', 'follower joined'))
    await age()
    const slow = {
      embed: async (texts: readonly string[]) => {
        expect(await retirePatterns(db, month)).toBe(2)
        return embedder.embed(texts)
      },
    }
    expect(await embedPatterns({ pool: db.pool, embedder: slow, modelId: model.id })).toBe(2)
    expect(await count('pattern_embedding')).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import { createPatternMatcher, type ShapeInput } from '../../src/knowledge/match-patterns.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()

const shapesOf = (service: string, bodies: readonly string[]): ShapeInput[] =>
  bodies.map((body) => ({ service, severity: 9, shape: maskBody(body).shape, example: body }))

const templates = async (service: string): Promise<string[]> => {
  const { rows } = await db.pool.query(
    'select template from millrace.pattern where service = $1 order by template',
    [service],
  )
  return rows.map((row) => row.template)
}

describe('pattern matcher', () => {
  it('gives lines of one shape one pattern and lines that say something else another', async () => {
    const matcher = createPatternMatcher(db)
    const { patternIds } = await matcher.match(
      shapesOf('one', [
        'request 17 served in 250 ms',
        'request 18 served in 3 ms',
        'connection to 10.0.0.7:5432 refused',
        'connection to 10.0.0.8:5432 refused',
      ]),
    )
    const [a, b, c, d] = patternIds
    expect(a).toBe(b)
    expect(c).toBe(d)
    expect(a).not.toBe(c)
  })

  it('keeps services and severities apart', async () => {
    const matcher = createPatternMatcher(db)
    const line = { shape: 'cache miss', example: 'cache miss' }
    const { patternIds } = await matcher.match([
      { ...line, service: 'a', severity: 9 },
      { ...line, service: 'b', severity: 9 },
      { ...line, service: 'a', severity: 17 },
    ])
    expect(new Set(patternIds).size).toBe(3)
  })

  it('decides the same whatever the process, and after a restart', async () => {
    const bodies = Array.from({ length: 300 }, (_, index) =>
      index % 3 === 0
        ? `job ${index} finished in queue mail`
        : `user alice${index} opened /var/data/file-${index}.txt`,
    )
    const first = await createPatternMatcher(db).match(shapesOf('same', bodies))
    const second = await createPatternMatcher(db).match(shapesOf('same', [...bodies].reverse()))
    expect(second.patternIds.reverse()).toEqual(first.patternIds)
  })

  it('makes one pattern of a new shape that many workers meet at the same moment', async () => {
    const matchers = Array.from({ length: 8 }, () => createPatternMatcher(db))
    const bodies = Array.from(
      { length: 40 },
      (_, index) => `disk sd${'abcdefgh'[index % 8]} is at ${index} %`,
    )
    const results = await Promise.all(
      matchers.map((matcher) => matcher.match(shapesOf('race', bodies))),
    )
    expect(new Set(results.map((result) => result.patternIds.join())).size).toBe(1)
    const { rows } = await db.pool.query(
      `select count(*)::int as count from millrace.pattern where service = 'race'`,
    )
    expect(rows[0].count).toBe(new Set(results[0]?.patternIds).size)
  })

  it('generalises what differs and says which patterns may need a new vector', async () => {
    const matcher = createPatternMatcher(db)
    const [first] = (
      await matcher.match(shapesOf('merge', ['mounted /dev/root as the data volume today']))
    ).patternIds
    const again = await matcher.match(
      shapesOf('merge', ['mounted /dev/disk as the data volume today']),
    )
    expect(again.patternIds).toEqual([first])
    expect([...again.met]).toEqual([first])
    expect(await templates('merge')).toEqual(['mounted <*> as the data volume today'])
    const known = await matcher.match(
      shapesOf('merge', ['mounted /dev/disk as the data volume today']),
    )
    expect(known.met.size).toBe(0)
  })
})

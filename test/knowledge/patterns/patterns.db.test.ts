import { beforeAll, describe, expect, it } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import type { SearchFilters } from '../../../src/knowledge/evidence.ts'
import {
  createEventSegments,
  type Event,
  insertEvents,
} from '../../../src/knowledge/insert-events.ts'
import { createPatternMatcher } from '../../../src/knowledge/match-patterns.ts'
import { bucketFor, countBuckets } from '../../../src/knowledge/patterns/count-buckets.ts'
import { findChangedPatterns } from '../../../src/knowledge/patterns/find-changed-patterns.ts'
import { findNewPatterns } from '../../../src/knowledge/patterns/find-new-patterns.ts'
import { findVanishedPatterns } from '../../../src/knowledge/patterns/find-vanished-patterns.ts'
import { listPatterns } from '../../../src/knowledge/patterns/list-patterns.ts'
import { readPattern } from '../../../src/knowledge/patterns/read-pattern.ts'
import { createStream } from '../../../src/log/create-stream.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()
const minute = 60_000
const start = Date.parse('2026-11-23T08:00:00Z')
const at = (minutes: number) => new Date(start + minutes * minute)
/** Three hours are known; the last quarter of an hour is the window. */
const end = 180
const begin = 165

/** The minutes since the start at which a kind of line comes, and how often in each. */
const kinds = {
  steady: { severity: 9, count: (m: number) => 4 + (m % 2) },
  'rises eightfold': { severity: 17, count: (m: number) => (m < begin + 5 ? 3 : 40) },
  'falls to a tenth': { severity: 9, count: (m: number) => (m < begin ? 20 : 2) },
  'every ten minutes': { severity: 9, count: (m: number) => (m % 10 === 2 ? 60 : 0) },
  'stops in the window': { severity: 13, count: (m: number) => (m <= begin + 3 ? 2 : 0) },
  'stopped an hour before': { severity: 13, count: (m: number) => (m < 105 ? 2 : 0) },
  'every half hour, stops': {
    severity: 9,
    count: (m: number) => (m % 30 === 10 && m < 120 ? 1 : 0),
  },
  'every half hour, goes on': { severity: 9, count: (m: number) => (m % 30 === 20 ? 1 : 0) },
  'begins in the window': { severity: 17, count: (m: number) => (m >= begin + 2 ? 1 : 0) },
  'once, long ago': { severity: 17, count: (m: number) => (m === 40 ? 3 : 0) },
} satisfies Record<string, { severity: number; count: (minute: number) => number }>
type Kind = keyof typeof kinds
const names = Object.keys(kinds) as Kind[]
const services = ['web', 'db'] as const
const serviceOf = (kind: Kind) => services[names.indexOf(kind) % 2] ?? 'web'

const everything: SearchFilters = {
  from: null,
  to: null,
  services: [],
  minSeverity: 0,
  streams: [],
}
const window = { ...everything, from: at(begin), to: at(end) }
const ids = new Map<Kind, number>()
const all: { kind: Kind; at: Date; stream: string }[] = []

beforeAll(async () => {
  await createStream(db, { name: 'one', shards: 1 })
  await createStream(db, { name: 'two', shards: 1 })
  const { rows } = await db.pool.query<{ id: number; stream: string }>(
    'select sh.id, st.name as stream from millrace.shard sh join millrace.stream st on st.id = sh.stream_id order by sh.id',
  )
  const shapes = names.map((kind) => ({
    service: serviceOf(kind),
    severity: kinds[kind].severity,
    shape: kind,
    example: `${kind}, an example`,
  }))
  const { patternIds } = await createPatternMatcher(db).match(shapes)
  for (const [index, kind] of names.entries()) ids.set(kind, patternIds[index] ?? 0)
  expect(new Set(patternIds).size).toBe(names.length)
  for (const kind of names)
    for (let m = 0; m < end; m++)
      for (let index = 0; index < kinds[kind].count(m); index++)
        all.push({
          kind,
          at: new Date(at(m).getTime() + index * 900),
          stream: index % 2 === 0 ? 'one' : 'two',
        })
  for (const { id, stream } of rows) {
    const events = all
      .filter((event) => event.stream === stream)
      .map(
        (event, index): Event => ({
          sequence: (BigInt(start) << 22n) + BigInt(index),
          at: event.at,
          patternId: ids.get(event.kind) ?? 0,
          severity: kinds[event.kind].severity,
          service: serviceOf(event.kind),
          host: null,
          pod: null,
          traceId: null,
          body: `${event.kind} ${index}`,
          attributes: null,
          terms: [],
        }),
      )
    await createEventSegments(db)(
      BigInt(start) << 22n,
      (BigInt(start) << 22n) + BigInt(events.length),
    )
    await transaction(db.pool, (client) => insertEvents(client, id, events))
  }
})

const kindOf = (patternId: number) => names.find((name) => ids.get(name) === patternId)
const found = (patterns: readonly { patternId: number }[]) =>
  patterns.map((pattern) => kindOf(pattern.patternId))
const eventsOf = (filters: SearchFilters) =>
  all.filter(
    (event) =>
      (!filters.from || event.at >= filters.from) &&
      (!filters.to || event.at < filters.to) &&
      (filters.services.length === 0 || filters.services.includes(serviceOf(event.kind))) &&
      (filters.streams.length === 0 || filters.streams.includes(event.stream)) &&
      kinds[event.kind].severity >= filters.minSeverity,
  )

describe('patterns are listed', () => {
  const edges = {
    from: new Date(at(begin).getTime() + 1_500),
    to: new Date(at(170).getTime() + 900),
  }
  it.each([
    everything,
    window,
    { ...everything, ...edges },
    { ...everything, ...edges, services: ['db'] },
    { ...everything, minSeverity: 17 },
    { ...window, streams: ['two'] },
  ])('with the exact counts, first and last of their events: %#', async (filters) => {
    const events = eventsOf(filters)
    const expected = [...Map.groupBy(events, (event) => event.kind)]
      .map(([kind, group]) => ({
        kind,
        count: group.length,
        share: group.length / events.length,
        first: new Date(Math.min(...group.map((event) => event.at.getTime()))),
        last: new Date(Math.max(...group.map((event) => event.at.getTime()))),
      }))
      .sort((a, b) => b.count - a.count || (ids.get(a.kind) ?? 0) - (ids.get(b.kind) ?? 0))
    const list = await listPatterns(db, { filters }, { limit: 3 })
    expect(
      list.patterns.map(({ patternId, count, share, first, last }) => ({
        kind: kindOf(patternId),
        count,
        share,
        first,
        last,
      })),
    ).toEqual(expected.slice(0, 3))
    expect(list.total).toEqual({ patterns: expected.length, events: events.length })
  })

  it('against the window before, the largest change first', async () => {
    const list = await listPatterns(db, { filters: window, sort: 'change' }, { limit: 2 })
    expect(
      list.patterns.map(({ patternId, count, before }) => [kindOf(patternId), count, before]),
    ).toEqual([
      ['rises eightfold', 415, 45],
      ['falls to a tenth', 30, 300],
    ])
    const { patterns } = await listPatterns(db, { filters: everything }, { limit: 1 })
    expect(patterns[0]?.before).toBeNull()
  })

  it('by first and by last event, the latest first', async () => {
    const first = await listPatterns(db, { filters: everything, sort: 'first' }, { limit: 1 })
    expect(found(first.patterns)).toEqual(['begins in the window'])
    const last = await listPatterns(db, { filters: everything, sort: 'last' }, { limit: 20 })
    expect(found(last.patterns).slice(-1)).toEqual(['once, long ago'])
  })

  it('bucket by bucket, in sums that are exact at the edges of the window', async () => {
    const { from, to } = edges
    const patternIds = [...ids.values()]
    const counts = await countBuckets(db, {
      patternIds,
      filters: { from, to, streams: [] },
      bucketMs: 2 * minute,
    })
    const first = Math.floor(from.getTime() / minute) * minute
    for (const kind of names) {
      const expected = [0, 0, 0]
      for (const event of eventsOf({ ...everything, from, to })) {
        const bucket = Math.floor((event.at.getTime() - first) / (2 * minute))
        if (event.kind === kind) expected[bucket] = (expected[bucket] ?? 0) + 1
      }
      expect([kind, counts.get(ids.get(kind) ?? 0)]).toEqual([kind, expected])
    }
  })

  it('in buckets of a usual length, never more than asked for', () => {
    const buckets = (minutes: number) => bucketFor({ from: at(0), to: at(minutes) }, 24) / minute
    expect([5, 30, 60, 1_440, 10_080, 525_600].map(buckets)).toEqual([1, 2, 5, 120, 720, 30_240])
  })
})

describe('patterns are', () => {
  const input = { filters: window, baselineFrom: at(0) }
  const spiking = { ...input, change: 'spiking' as const }
  const dropping = { ...input, change: 'dropping' as const }

  it('new when their first event ever lies in the window', async () => {
    const { patterns, total } = await findNewPatterns(
      db,
      { filters: window, knownSince: at(0) },
      { limit: 20 },
    )
    expect([found(patterns), total]).toEqual([['begins in the window'], 1])
    expect(patterns[0]).toMatchObject({ count: 13, first: at(begin + 2), service: 'web' })
    const filters = { ...window, services: ['db'] }
    expect(await findNewPatterns(db, { filters, knownSince: at(0) }, { limit: 20 })).toEqual({
      patterns: [],
      total: 0,
    })
  })

  it('not new because events are known since a little before', async () => {
    const filters = { ...everything, to: at(end) }
    const { patterns } = await findNewPatterns(db, { filters, knownSince: at(0) }, { limit: 20 })
    expect(found(patterns)).toEqual(
      expect.arrayContaining(['begins in the window', 'once, long ago']),
    )
    for (const kind of ['steady', 'falls to a tenth', 'every half hour, goes on'] as const)
      expect(found(patterns)).not.toContain(kind)
  })

  it('vanished when their silence became longer in the window than their rhythm explains', async () => {
    const { patterns, total } = await findVanishedPatterns(db, input, { limit: 20 })
    expect([found(patterns), total]).toEqual([['stops in the window'], 1])
    expect(patterns[0]).toMatchObject({
      longestGapMs: minute,
      meanGapMs: minute,
      count: 2 * (begin + 4),
      missedSince: new Date(at(begin + 5).getTime() + 900),
    })
    const earlier = { filters: { ...window, from: at(95), to: at(115) }, baselineFrom: at(0) }
    expect(found((await findVanishedPatterns(db, earlier, { limit: 20 })).patterns)).toEqual([
      'stopped an hour before',
    ])
  })

  it('vanished after two of their own gaps, however long these are', async () => {
    // It came at 10, 40, 70 and 100: four times are no rhythm yet.
    const none = await findVanishedPatterns(db, input, { limit: 20 })
    expect(found(none.patterns)).not.toContain('every half hour, stops')
    const hourly = async (from: number, to: number) =>
      found(
        (
          await findVanishedPatterns(
            db,
            { filters: { ...window, from: at(from), to: at(to) }, baselineFrom: at(0) },
            { limit: 20 },
          )
        ).patterns,
      )
    // Every ten minutes, last at 172: missed from 192 on.
    expect(await hourly(180, 191)).not.toContain('every ten minutes')
    expect(await hourly(180, 193)).toContain('every ten minutes')
    expect(await hourly(200, 220)).not.toContain('every ten minutes')
    // Every half hour, last at 170: missed from 230 on.
    expect(await hourly(200, 229)).not.toContain('every half hour, goes on')
    expect(await hourly(200, 231)).toContain('every half hour, goes on')
  })

  it('spiking when their rate is far above their own, with the minute of the peak', async () => {
    const { patterns, total } = await findChangedPatterns(db, spiking, { limit: 20 })
    expect([found(patterns), total]).toEqual([['rises eightfold'], 1])
    expect(patterns[0]).toMatchObject({
      count: 415,
      baselineRate: 3,
      windowRate: 415 / 15,
      ratio: 415 / 45,
      peakAt: at(begin + 5),
      peakCount: 40,
    })
  })

  it('dropping when their rate is far below their own, and not once they are gone', async () => {
    const { patterns } = await findChangedPatterns(db, dropping, { limit: 20 })
    expect(found(patterns)).toEqual(['falls to a tenth', 'stops in the window'])
    expect(patterns[0]).toMatchObject({ baselineRate: 20, windowRate: 2, ratio: 0.1 })
  })

  it('not spiking before anything is known to compare with', async () => {
    const none = { patterns: [], total: 0 }
    const unknown = { ...spiking, baselineFrom: at(begin) }
    expect(await findChangedPatterns(db, unknown, { limit: 20 })).toEqual(none)
    const other = { ...spiking, filters: { ...window, services: ['nobody'] } }
    expect(await findChangedPatterns(db, other, { limit: 20 })).toEqual(none)
  })
})

describe('a pattern', () => {
  it('is read with its counts and its latest lines in the window', async () => {
    const patternId = ids.get('steady') ?? 0
    const { latest, ...pattern } = await readPattern(
      db,
      { patternId, filters: { ...window, streams: ['one'] } },
      { lines: 2 },
    )
    const events = eventsOf({ ...window, streams: ['one'] }).filter(({ kind }) => kind === 'steady')
    expect(pattern).toMatchObject({
      patternId,
      service: 'web',
      severity: 9,
      template: 'steady',
      example: 'steady, an example',
      shapes: 1,
      generalised: 0,
      count: events.length,
      first: events[0]?.at,
      last: events.at(-1)?.at,
    })
    expect(latest.map((event) => [event.citation.stream, event.at])).toEqual(
      events
        .slice(-2)
        .reverse()
        .map((event) => ['one', event.at]),
    )
  })

  it('has no counts outside the window, and is refused when there is none', async () => {
    const patternId = ids.get('once, long ago') ?? 0
    const silent = await readPattern(db, { patternId, filters: window }, { lines: 5 })
    expect([silent.count, silent.first, silent.last, silent.latest]).toEqual([0, null, null, []])
    await expect(
      readPattern(db, { patternId: 4_711, filters: everything }, { lines: 1 }),
    ).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('4711') })
  })
})

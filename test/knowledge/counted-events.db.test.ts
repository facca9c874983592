import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { transaction } from '../../src/db/transaction.ts'
import {
  countByPattern,
  countByWords,
  findExtent,
  summariseCounts,
  summariseScope,
} from '../../src/knowledge/count-events.ts'
import type { SearchFilters } from '../../src/knowledge/evidence.ts'
import { findEmerging } from '../../src/knowledge/find-emerging.ts'
import { createEventSegments, type Event, insertEvents } from '../../src/knowledge/insert-events.ts'
import { createPatternMatcher } from '../../src/knowledge/match-patterns.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { deleteStream } from '../../src/log/delete-stream.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const minute = 60_000
const start = Date.parse('2026-11-23T10:00:00Z')
const spanMinutes = 30
const shapes = [
  { service: 'web', severity: 9, shape: 'request served in <num> ms' },
  { service: 'web', severity: 17, shape: 'request failed after <num> ms' },
  { service: 'payments', severity: 17, shape: 'card of user <*> was declined' },
  { service: 'payments', severity: 13, shape: 'retrying card payment' },
  { service: '', severity: 0, shape: 'alpha beta gamma delta' },
  { service: 'db', severity: 17, shape: 'no space left on device for user' },
]
const terms = ['alice', 'bob', 'card', 'declined', '502', 'failed', 'user']

/** A small generator (mulberry32): the same events and windows in every run. */
let state = 20_261_127
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}
const int = (below: number) => Math.floor(random() * below)
const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T

/** A moment near the events: on a minute, on a second or anywhere. */
function moment(): Date {
  const at = start - 2 * minute + int((spanMinutes + 4) * minute)
  const grain = pick([minute, minute, 1_000, 1])
  return new Date(Math.floor(at / grain) * grain)
}

function window(): { from: Date | null; to: Date | null } {
  const [a, b] = [moment(), moment()].sort((x, y) => x.getTime() - y.getTime()) as [Date, Date]
  switch (int(8)) {
    case 0:
      return { from: null, to: null }
    case 1:
      return { from: a, to: null }
    case 2:
      return { from: null, to: a }
    case 3: // empty
      return { from: a, to: a }
    case 4: // turned round
      return { from: b, to: a }
    case 5: // inside one minute, or just over its edge
      return { from: a, to: new Date(a.getTime() + int(20_000)) }
    default:
      return { from: a, to: b }
  }
}

function filters(): SearchFilters {
  return {
    ...window(),
    services: pick([[], [], ['web'], ['payments', 'db'], ['nobody']]),
    minSeverity: pick([0, 0, 9, 13, 17]),
    streams: pick([[], [], ['one'], ['two'], ['one', 'two'], ['none']]),
  }
}

let patternIds: number[] = []
let shards: number[] = []

beforeAll(async () => {
  await createStream(db, { name: 'one', shards: 2 })
  await createStream(db, { name: 'two', shards: 1 })
  const { rows } = await db.pool.query('select id from millrace.shard order by id')
  shards = rows.map((row) => row.id)
  const matcher = createPatternMatcher(db)
  const matched = await matcher.match(shapes.map((shape) => ({ ...shape, example: shape.shape })))
  patternIds = matched.patternIds
  expect(new Set(patternIds).size).toBe(shapes.length)
  const batches = shards.flatMap((shardId) =>
    Array.from({ length: 5 }, (_, batch) => ({
      shardId,
      events: Array.from({ length: 60 }, (_, index) => makeEvent(batch * 60 + index)),
    })),
  )
  for (const batch of batches) await insert(batch)
})

function makeEvent(index: number): Event {
  const kind = int(shapes.length)
  const grain = pick([1, 1_000, minute])
  // The last kind begins late, which is what findEmerging looks for.
  const from = kind === 5 ? spanMinutes / 2 : 0
  const at = start + from * minute + int((spanMinutes - from) * minute)
  return {
    sequence: (BigInt(start) << 22n) + BigInt(index),
    at: new Date(Math.floor(at / grain) * grain),
    patternId: patternIds[kind] ?? 0,
    severity: shapes[kind]?.severity ?? 0,
    service: shapes[kind]?.service ?? '',
    host: null,
    pod: null,
    traceId: null,
    body: `event ${index}`,
    attributes: null,
    terms: terms.filter(() => random() < 0.3),
  }
}

async function insert(batch: { shardId: number; events: readonly Event[] }): Promise<void> {
  const sequences = batch.events.map((event) => event.sequence)
  const [first, last] = [sequences[0], sequences.at(-1)]
  if (first !== undefined && last !== undefined) await createEventSegments(db)(first, last)
  await transaction(db.pool, (client) => insertEvents(client, batch.shardId, batch.events))
}

const stored = async () =>
  (
    await db.pool.query(
      `select pattern_id, shard_id, minute, events, first_at, last_at
         from millrace.event_count order by 1, 2, 3`,
    )
  ).rows

const recount = async () =>
  (
    await db.pool.query(
      `select pattern_id, shard_id, date_trunc('minute', at, 'UTC') as minute, count(*)::int as events,
              min(at) as first_at, max(at) as last_at
         from millrace.event group by 1, 2, 3 order by 1, 2, 3`,
    )
  ).rows

/** The events inside the filters, one by one, in a way that shares nothing with what is tested. */
async function bruteForce({ from, to, services, minSeverity, streams }: SearchFilters) {
  const { rows } = await db.pool.query<{
    patternId: number
    at: Date
    terms: string[]
    search: string
  }>(
    `select e.pattern_id as "patternId", e.at, e.terms
       from millrace.event e
       join millrace.shard sh on sh.id = e.shard_id
       join millrace.stream st on st.id = sh.stream_id
      where e.severity >= $1 and (cardinality($2::text[]) = 0 or e.service = any($2))
        and (cardinality($3::text[]) = 0 or st.name = any($3))`,
    [minSeverity, services, streams],
  )
  return rows.filter((row) => (!from || row.at >= from) && (!to || row.at < to))
}

function groupCounts(events: readonly { patternId: number; at: Date }[]) {
  return [...Map.groupBy(events, (event) => event.patternId)]
    .map(([patternId, group]) => {
      const times = group.map((event) => event.at.getTime())
      const [first, last] = [new Date(Math.min(...times)), new Date(Math.max(...times))]
      return { patternId, count: group.length, first, last }
    })
    .sort((a, b) => b.count - a.count || a.patternId - b.patternId)
}

const bare = (counts: readonly { patternId: number; count: number; first: Date; last: Date }[]) =>
  counts.map(({ patternId, count, first, last }) => ({ patternId, count, first, last }))

const rounds = Array.from({ length: 150 }, filters)

describe('the minutes of events', () => {
  it('hold what the events hold, and a batch that is repeated changes nothing', async () => {
    const before = await stored()
    expect(before).toEqual(await recount())
    const shardId = shards[0] ?? 0
    const events = Array.from({ length: 70 }, (_, index) => makeEvent(index + 250))
    // 50 of these are there already, whatever they say now; 20 are new.
    await insert({ shardId, events })
    expect(await stored()).toEqual(await recount())
    const after = await stored()
    expect(after).not.toEqual(before)
    await insert({ shardId, events })
    expect(await stored()).toEqual(after)
  })

  it('are given up with the batch that wrote them', async () => {
    const before = await stored()
    const events = [makeEvent(10_000), makeEvent(10_001)]
    const failure = transaction(db.pool, async (client) => {
      await insertEvents(client, shards[0] ?? 0, events)
      throw new Error('lost')
    })
    await expect(failure).rejects.toThrow('lost')
    expect(await stored()).toEqual(before)
  })

  it('are UTC minutes, whatever the time zone of the session', async () => {
    await transaction(db.pool, async (client) => {
      await client.query(`set local time zone 'Africa/Monrovia'`)
      const old = { ...makeEvent(20_000), at: new Date('1960-05-05T05:05:05.500Z') }
      await insertEvents(client, shards[1] ?? 0, [old])
    })
    expect(await stored()).toEqual(await recount())
    await db.pool.query('delete from millrace.event where at < $1', [new Date(0)])
    await db.pool.query('delete from millrace.event_count where minute < $1', [new Date(0)])
  })

  it('are filled by the migration from the events there are', async () => {
    const before = await stored()
    const file = new URL('../../migrations/0009_event_counts.sql', import.meta.url)
    const statements = (await readFile(file, 'utf8')).split('--> statement-breakpoint')
    const fill = statements.find((statement) => statement.trim().startsWith('INSERT')) ?? ''
    await db.pool.query('delete from millrace.event_count')
    await db.pool.query(fill)
    expect(await stored()).toEqual(before)
  })
})

describe('counts inside any window and filters', () => {
  it('are those of the events, of everything and of a pattern', async () => {
    for (const filter of rounds) {
      const expected = groupCounts(await bruteForce(filter))
      const counted = await countByWords(db, { words: [], filters: filter })
      expect({ filter, counts: bare(counted) }).toEqual({ filter, counts: expected })
      const some = patternIds.slice(1, 4)
      const byPattern = await countByPattern(db, { patternIds: some, filters: filter })
      expect({ filter, counts: bare(byPattern) }).toEqual({
        filter,
        counts: expected.filter((count) => some.includes(count.patternId)),
      })
    }
  })

  it('are summed up the same from the events and from the counts', async () => {
    for (const filter of rounds) {
      const events = await bruteForce(filter)
      const times = events.map((event) => event.at.getTime())
      const expected = {
        events: events.length,
        patterns: new Set(events.map((event) => event.patternId)).size,
        first: times.length > 0 ? new Date(Math.min(...times)) : null,
        last: times.length > 0 ? new Date(Math.max(...times)) : null,
      }
      expect({ filter, ...(await summariseScope(db, filter)) }).toEqual({ filter, ...expected })
      const counts = await countByWords(db, { words: [], filters: filter })
      expect({ filter, ...summariseCounts(counts) }).toEqual({ filter, ...expected })
    }
  })

  it('are of the events that hold every word, in their pattern or as a term', async () => {
    const words = ['card', 'declined', 'users', 'user', 'alice', 'failed', '502', 'web', 'zebra']
    const holds = new Map<string, Set<number>>()
    for (const word of words) {
      const { rows } = await db.pool.query(
        `select id from millrace.pattern where search @@ plainto_tsquery('millrace.log', $1)`,
        [word],
      )
      holds.set(word, new Set(rows.map((row) => row.id)))
    }
    for (const filter of rounds) {
      const asked = words.filter(() => random() < 0.25)
      if (random() < 0.2 && asked[0] !== undefined) asked.push(asked[0])
      const events = (await bruteForce(filter)).filter((event) =>
        asked.every((word) => holds.get(word)?.has(event.patternId) || event.terms.includes(word)),
      )
      const counted = await countByWords(db, { words: asked, filters: filter })
      expect({ asked, filter, counts: bare(counted) }).toEqual({
        asked,
        filter,
        counts: groupCounts(events),
      })
    }
  })

  it('tell what began as the events do', async () => {
    const knownSince = new Date(start)
    let found = 0
    for (const filter of rounds) {
      const activeAt = random() < 0.5 ? moment() : null
      const { minSeverity } = filter
      const before = groupCounts(await bruteForce({ ...filter, from: null, services: [] }))
      const expected = before
        .filter(({ first, last, count }) => {
          const seconds = (last.getTime() - first.getTime()) / 1_000
          const quiet = (first.getTime() - knownSince.getTime()) / 1_000
          return (
            (!filter.from || first >= filter.from) &&
            (!activeAt || last >= activeAt) &&
            quiet >= Math.max(60, (2 * seconds) / count)
          )
        })
        .sort((a, b) => a.first.getTime() - b.first.getTime() || a.patternId - b.patternId)
      found += expected.length
      const input = { filters: filter, minSeverity, knownSince, activeAt }
      const emerging = await findEmerging(db, input, { limit: 12 })
      expect({ filter, activeAt, emerging: bare(emerging) }).toEqual({
        filter,
        activeAt,
        emerging: expected,
      })
    }
    expect(found).toBeGreaterThan(0)
  })

  it('reach from the first event of the streams to their last', async () => {
    for (const streams of [[], ['one'], ['two'], ['one', 'two'], ['none']]) {
      const everything = { from: null, to: null, services: [], minSeverity: 0, streams }
      const { first, last } = await summariseScope(db, everything)
      expect(await findExtent(db, streams)).toEqual({ first, last })
    }
  })

  it('no longer hold the events of a stream that was deleted', async () => {
    await deleteStream(db, 'two')
    expect(await stored()).toEqual(await recount())
    expect((await stored()).length).toBeGreaterThan(0)
  })
})

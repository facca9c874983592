import type { Pool, PoolClient } from 'pg'
import { beforeEach, describe, expect, it } from 'vitest'
import { retireEvents } from '../../../src/knowledge/retire/retire-events.ts'
import { testDatabase } from '../../support/database.ts'
import { dayMs, dayTables, insertBatch, pastEvent, readCounts } from './past-events.ts'

const db = await testDatabase()
const patterns = [1, 2, 3]
const shards = [1, 2]
/** Noon of today, so that a day is whole on both sides of it. */
const noon = Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2
/** Thirty days; its horizon is at noon, so that no midnight passes while this runs. */
const month = { retentionHours: 720 + new Date().getUTCHours() - 12 }
const daysAgo = (days: number, ms = 0) => new Date(noon - days * dayMs + ms)
const tableOf = (at: Date) => `event_${at.toISOString().slice(0, 10).replaceAll('-', '')}`

beforeEach(async () => {
  await db.pool.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value
     select id, 'web', 9, 'something happened', 2, '', 'something happened'
       from unnest($1::int[]) as id
         on conflict do nothing`,
    [patterns],
  )
  await db.pool.query('update millrace.retirement set event_seq = 0')
  await db.pool.query('delete from millrace.event')
  await db.pool.query('delete from millrace.event_count')
})

/**
 * Events that arrived so many days ago, 100 each. Half of them happened when they arrived; the others are late, by days,
 * so that minutes have events of several days of arrival; and each day ends with a minute that goes on in the next.
 */
async function fill(days: readonly number[] = [40, 33, 31, 5, 0]): Promise<void> {
  for (const shardId of shards)
    for (const day of days)
      await insertBatch(
        db,
        shardId,
        Array.from({ length: 100 }, (_, index) => {
          const patternId = patterns[index % patterns.length] ?? 0
          const arrived = daysAgo(day, index * 13_000)
          const at = index % 2 === 0 ? arrived : daysAgo(41, (index % 7) * 20_000)
          return pastEvent(patternId, arrived, { at })
        }),
      )
  const midnight = noon - 31 * dayMs + dayMs / 2
  await insertBatch(
    db,
    1,
    [-30_000, -1, 0, 1, 30_000].map((ms) =>
      pastEvent(1, new Date(midnight + ms), { at: new Date(midnight - 30_000 + ms / 2) }),
    ),
  )
}

const countEvents = async () =>
  (await db.pool.query('select count(*)::int as count from millrace.event')).rows[0].count

describe('retireEvents', () => {
  it('takes whole days behind the horizon with their counts, those of late lines included, and nothing else', async () => {
    await fill()
    const before = await readCounts(db)
    expect(before.counted).toEqual(before.recounted)
    const total = await countEvents()
    const retired = await retireEvents(db, month)
    // Of 40, 33 and 31 days ago, and the two last milliseconds of the latter.
    expect(retired).toEqual({ events: 602, days: 3 })
    expect(await countEvents()).toBe(total - 602)
    const after = await readCounts(db)
    expect(after.counted).toEqual(after.recounted)
    expect(after.counted).not.toEqual(before.counted)
    const tables = await dayTables(db)
    for (const days of [40, 33, 31]) expect(tables).not.toContain(tableOf(daysAgo(days)))
    for (const days of [30, 5, 0]) expect(tables).toContain(tableOf(daysAgo(days)))
    expect(await retireEvents(db, month)).toEqual({ events: 0, days: 0 })
  })

  it('keeps what is behind the horizon from coming in again, and its day from being made', async () => {
    await fill()
    await retireEvents(db, month)
    const [late, inTime] = [
      pastEvent(1, daysAgo(40)),
      pastEvent(1, daysAgo(1), { at: daysAgo(40) }),
    ]
    await insertBatch(db, 1, [late, inTime])
    await insertBatch(db, 1, [late])
    const { rows } = await db.pool.query('select seq from millrace.event where seq = any($1)', [
      [String(late.sequence), String(inTime.sequence)],
    ])
    expect(rows).toEqual([{ seq: String(inTime.sequence) }])
    expect(await dayTables(db)).not.toContain(tableOf(daysAgo(40)))
    const counts = await readCounts(db)
    expect(counts.counted).toEqual(counts.recounted)
  })

  it('does not move the horizon back when the retention becomes longer', async () => {
    await retireEvents(db, { retentionHours: 24 })
    await retireEvents(db, month)
    await insertBatch(db, 1, [pastEvent(1, daysAgo(3)), pastEvent(1, daysAgo(0))])
    expect(await countEvents()).toBe(1)
  })

  it('leaves right counts whichever statement a crash comes before, and the next run ends the work', async () => {
    let crashes = 0
    for (let at = 0; ; at += 1) {
      await db.pool.query('update millrace.retirement set event_seq = 0')
      await db.pool.query('delete from millrace.event')
      await db.pool.query('delete from millrace.event_count')
      await fill([31, 5])
      const isThrough = await retireEvents({ pool: crashing(db.pool, at) }, month).then(
        () => true,
        () => false,
      )
      const broken = await readCounts(db)
      expect(broken.counted, `crash before statement ${at}`).toEqual(broken.recounted)
      if (isThrough) break
      crashes += 1
      await retireEvents(db, month)
      const whole = await readCounts(db)
      expect(whole.counted).toEqual(whole.recounted)
      expect(await countEvents()).toBe(203)
      expect(await dayTables(db)).not.toContain(tableOf(daysAgo(31)))
    }
    expect(crashes).toBeGreaterThan(15)
  }, 300_000)
})

/** A pool whose process dies before its statement `at`: that one and all later ones fail, and its connection is closed. */
function crashing(pool: Pool, at: number): Pool {
  let count = 0
  const guard = <T extends object>(target: T) =>
    new Proxy(target, {
      get: (_, key) => {
        const value = Reflect.get(target, key) as unknown
        if (key === 'connect')
          return async () => {
            if (count >= at) throw new Error('crashed')
            return guard(await pool.connect())
          }
        if (key === 'query')
          return async (...args: unknown[]) => {
            if (count++ >= at) throw new Error('crashed')
            return (value as (...all: unknown[]) => unknown).apply(target, args)
          }
        if (key === 'release') return () => (target as unknown as PoolClient).release(count >= at)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  return guard(pool)
}

import { expect, it, vi } from 'vitest'
import { transaction } from '../../src/db/transaction.ts'
import { areEventsStored, insertEvents } from '../../src/knowledge/insert-events.ts'
import { testDatabase } from '../support/database.ts'
import { insertBatch, isWaiting, pastEvent, readCounts } from './retire/past-events.ts'

const db = await testDatabase()
const shardId = 1

it('asks for another turn when a replay wrote the same events meanwhile, and then counts them once', async () => {
  await db.pool.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value values (1, 'web', 9, 'something happened', 2, '', '')`,
  )
  const now = new Date()
  await insertBatch(db, shardId + 1, [pastEvent(1, now)])
  const events = [0, 1, 2].map((place) => pastEvent(1, now, { place }))
  const span = [events[0]?.sequence ?? 0n, events[2]?.sequence ?? 0n] as const
  const replay = await db.pool.connect()
  await replay.query('begin')
  await insertEvents(replay, shardId, events.slice(0, 2))
  expect(await areEventsStored(db, shardId, span)).toBe(false)
  const live = transaction(db.pool, (client) =>
    insertEvents(client, shardId, events, { mayRepeat: false }),
  )
  const outcome = live.then(
    () => 'written',
    (error: unknown) => error,
  )
  await vi.waitFor(async () => expect(await isWaiting(db)).toBe(true))
  await replay.query('commit')
  replay.release()
  expect(await outcome).toMatchObject({ code: 'conflict', retryable: true })
  expect(await areEventsStored(db, shardId, span)).toBe(true)
  await insertBatch(db, shardId, events)
  const { counted, recounted } = await readCounts(db)
  const stored = (await db.pool.query('select from millrace.event')).rows
  expect(stored).toHaveLength(4)
  expect(counted).toEqual(recounted)
})

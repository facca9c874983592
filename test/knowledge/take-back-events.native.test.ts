import { expect, it, vi } from 'vitest'
import { insertEvents } from '../../src/knowledge/insert-events.ts'
import { testDatabase } from '../support/database.ts'
import { insertBatch, isWaiting, pastEvent, readCounts } from './retire/past-events.ts'

const db = await testDatabase()
const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 600_000)
const [short, long] = [1, 2]
const shardId = 1

it('takes an event back exactly while a replay of the same shard counts in its minute', async () => {
  await db.pool.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value
     select id, 'web', 9, 'of ' || id, 2, '', '' from unnest($1::int[]) as id`,
    [[short, long]],
  )
  const first = pastEvent(short, minute)
  await insertBatch(db, shardId, [first])
  const replay = await db.pool.connect()
  await replay.query('begin')
  await insertEvents(replay, shardId, [
    pastEvent(short, new Date(minute.getTime() + 5_000), { place: 1 }),
  ])
  const longer = { ...first, patternId: long, isLonger: true, body: `${first.body}\n  at home` }
  const lengthening = insertBatch(db, shardId, [longer])
  await vi.waitFor(async () => expect(await isWaiting(db)).toBe(true))
  await replay.query('commit')
  replay.release()
  await lengthening
  const { counted, recounted } = await readCounts(db)
  expect(recounted).toHaveLength(2)
  expect(counted).toEqual(recounted)
})

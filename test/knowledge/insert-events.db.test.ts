import { expect, it } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { insertBatch, pastEvent, readCounts } from './retire/past-events.ts'

const db = await testDatabase()

it('stores events where the row of the horizon is missing, as in a restored schema', async () => {
  await db.pool.query('delete from millrace.retirement')
  await db.pool.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value values (1, 'web', 9, 'something happened', 2, '', '')`,
  )
  await insertBatch(db, 1, [pastEvent(1, new Date())])
  const { counted, recounted } = await readCounts(db)
  expect(recounted).toHaveLength(1)
  expect(counted).toEqual(recounted)
})

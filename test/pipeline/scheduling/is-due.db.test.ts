import { expect, it } from 'vitest'
import { isDue } from '../../../src/pipeline/scheduling/is-due.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()

it('what is done again and again is due once in its time, for one of those who ask', async () => {
  const ask = () => isDue(db, 'thing', { everyMs: 60_000 })
  expect([await ask(), await ask()]).toEqual([false, false])
  await db.pool.query(
    `update millrace.setting set value = (value::bigint - 60000)::text where name = 'last_thing'`,
  )
  const asked = await Promise.all([ask(), ask(), ask()])
  expect(asked.filter(Boolean)).toHaveLength(1)
  expect(await ask()).toBe(false)
})

it('a time just after one’s own is that of another who asked, one far to come is of a clock set back', async () => {
  const ask = () => isDue(db, 'other', { everyMs: 60_000 })
  await ask()
  const setLast = (ms: number) =>
    db.pool.query(
      `update millrace.setting
          set value = (floor(extract(epoch from clock_timestamp()) * 1000)::bigint + $1)::text
        where name = 'last_other'`,
      [ms],
    )
  await setLast(30_000)
  expect(await ask()).toBe(false)
  await setLast(120_000)
  expect([await ask(), await ask()]).toEqual([true, false])
})

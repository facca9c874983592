import { expect, test } from 'vitest'
import { registerModel } from '../../src/embed/register-model.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()

test('an id has one number for ever, and two ids have two', async () => {
  const first = await registerModel(pool, { id: 'a:1', dimensions: 384 })
  expect(await registerModel(pool, { id: 'b:1', dimensions: 384 })).not.toBe(first)
  expect(await registerModel(pool, { id: 'a:1', dimensions: 384 })).toBe(first)
})

test('registered from many sides at once, an id still has one number', async () => {
  const ids = await Promise.all(
    Array.from({ length: 12 }, () => registerModel(pool, { id: 'race:1', dimensions: 8 })),
  )
  expect(new Set(ids).size).toBe(1)
})

test('an id cannot change its dimensions', async () => {
  await registerModel(pool, { id: 'fixed:1', dimensions: 384 })
  await expect(registerModel(pool, { id: 'fixed:1', dimensions: 512 })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/fixed:1.*384.*512/),
  })
})

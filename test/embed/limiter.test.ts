import { expect, test } from 'vitest'
import { createLimiter } from '../../src/embed/limiter.ts'

test('at most `limit` works run at a time, started in the order in which they came', async () => {
  const limiter = createLimiter(2)
  const started: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const all = gates.map((gate, index) =>
    limiter(async () => {
      started.push(index)
      await gate.promise
      return index
    }),
  )
  expect(started).toEqual([0, 1])
  gates[1]?.resolve()
  await all[1]
  expect(started).toEqual([0, 1, 2])
  for (const gate of gates) gate.resolve()
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4])
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test('a work that fails gives up its place', async () => {
  const limiter = createLimiter(1)
  await expect(limiter(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await limiter(async () => 'yes')).toBe('yes')
})

test('a newcomer does not overtake who waits', async () => {
  const limiter = createLimiter(1)
  const order: string[] = []
  const first = limiter(async () => order.push('first'))
  const waiting = limiter(async () => order.push('waiting'))
  await first
  const newcomer = limiter(async () => order.push('newcomer'))
  await Promise.all([waiting, newcomer])
  expect(order).toEqual(['first', 'waiting', 'newcomer'])
})

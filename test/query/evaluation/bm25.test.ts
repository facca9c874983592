import { expect, test } from 'vitest'
import { createBm25 } from '../../../src/query/evaluation/bm25.ts'

const lines = [
  'INFO cart opened for user 17',
  'ERROR NoRouteToHostException while reaching payments',
  'INFO cart closed for user 17',
  'WARN cart is slow, cart is very slow today and this line is longer than the others are',
]

test('the line with the rarest words of the question comes first', () => {
  const rank = createBm25(lines)
  expect(rank('why was there no route to payments?', { limit: 10 })[0]).toBe(1)
  expect(rank('cart closed', { limit: 10 })).toEqual([2, 0, 3])
})

test('of equal lines the first comes first, and a limit cuts', () => {
  expect(createBm25(['same line', 'same line'])('same', { limit: 1 })).toEqual([0])
})

test('a line without any word of the question is not ranked', () => {
  expect(createBm25(lines)('kafka', { limit: 10 })).toEqual([])
  expect(createBm25([])('kafka', { limit: 10 })).toEqual([])
})

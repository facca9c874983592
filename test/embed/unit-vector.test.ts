import { expect, test } from 'vitest'
import { unitVector } from '../../src/embed/unit-vector.ts'

test('a vector keeps its direction and gets length 1', () => {
  expect([...(unitVector([3, 0, 4]) ?? [])]).toEqual([...Float32Array.of(0.6, 0, 0.8)])
})

test.each([
  ['zeros', [0, 0]],
  ['nothing', []],
  ['NaN', [1, Number.NaN]],
  ['infinity', [1, Number.POSITIVE_INFINITY]],
])('a vector of %s has no direction', (_what, values) => {
  expect(unitVector(values)).toBeUndefined()
})

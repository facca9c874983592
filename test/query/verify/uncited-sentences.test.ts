import { expect, test } from 'vitest'
import { countUncited } from '../../../src/query/verify/uncited-sentences.ts'

test.each([
  ['Payments failed [1]. The disk was full [2].', 0],
  ['Payments failed [1]. All is well now.', 1],
  ['All is well. Nothing failed.', 2],
  ['A meteor hit it [99].', 1],
  ['In order:\n- payments failed [1]\n- the disk was full\n', 1],
  ['Payments failed. [1]', 0],
  ['', 0],
])('%j has %i sentences that cite no line', (text, uncited) => {
  expect(countUncited(text, 2)).toBe(uncited)
})

import { expect, test } from 'vitest'
import { correctUnits } from '../../../src/query/time/unit-typos.ts'

test.each([
  ['errors in the last 10 minuts', 'errors in the last 10 minutes'],
  ['the past 2 huors', 'the past 2 hours'],
  ['3 mintues ago', '3 minutes ago'],
  ['the last 5 errors', 'the last 5 errors'],
  ['the last 10 months', 'the last 10 months'],
  ['the last 3 houses', 'the last 3 houses'],
  ['the last 20 mins', 'the last 20 mins'],
])('%s', (said, meant) => {
  expect(correctUnits(said)).toBe(meant)
})

import { expect, test } from 'vitest'
import { findSmallNumbers } from '../../../src/query/question/numbers.ts'

test.each([
  ['how often did server 2 restart', ['2']],
  ['messages of partition 7 and node 12', ['7', '12']],
  ['was a channel to 3 opened', ['3']],
])('a small number behind a thing says which one: %s', (question, numbers) => {
  expect(findSmallNumbers(question)).toEqual(numbers)
})

test.each([
  'top 5 errors',
  'the last 10 lines',
  'more than 3 retries',
  'timeouts of 30 seconds',
  'requests slower than 5 ms',
  'version 1.2 of it',
  'worker-2 failed',
  'attempt 2 of 5',
])('an amount, a limit or a part of a name is none: %s', (question) => {
  expect(findSmallNumbers(question)).toEqual([])
})

import { expect, test } from 'vitest'
import { correctAsking } from '../../../src/query/question/asking-typos.ts'

test.each([
  ['coutn the failures of web', 'count the failures of web'],
  ['Please conut the logins', 'Please count the logins'],
  ['how mnay retries', 'how many retries'],
  ['hwo many retries', 'how many retries'],
  ['how ofen does it fail', 'how often does it fail'],
  ['the nubmer of logins', 'the number of logins'],
])('a slip in what asks for a number is put right: %s', (asked, meant) => {
  expect(correctAsking(asked)).toBe(meant)
})

test.each([
  'mount failures on web-1',
  'county records',
  'how man pages are built',
  'amount of memory',
  'how many retries',
])('another word is none: %s', (asked) => {
  expect(correctAsking(asked)).toBe(asked)
})

import { expect, test } from 'vitest'
import { findTimesNotUnderstood } from '../../../src/query/time/not-understood.ts'

test.each([
  ['errors between 25:00 and 26:99', ['between 25:00 and 26:99'], 'errors'],
  ['errors at 31:00 in checkout', ['at 31:00'], 'errors in checkout'],
  ['errors in the last 10 fortnights', ['in the last 10 fortnights'], 'errors'],
  ['the last 10 errors', [], 'the last 10 errors'],
  ['connections to 10.0.0.1:38 and host:80', [], 'connections to 10.0.0.1:38 and host:80'],
])('%s', (text, said, rest) => {
  expect(findTimesNotUnderstood(text)).toEqual({ said, rest })
})

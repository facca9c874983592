import { describe, expect, test } from 'vitest'
import { findSeverity } from '../../../src/query/question/severity.ts'

const least = (text: string) => {
  const levels = findSeverity(text, ['checkout', 'orders-db']).map((mention) => mention.minSeverity)
  return levels.length === 0 ? 0 : Math.min(...levels)
}

describe('a severity is a filter', () => {
  test.each([
    ['errors', 17],
    ['errors in checkout', 17],
    ['any errors?', 17],
    ['show me the latest errors from orders-db', 17],
    ['checkout errors', 17],
    ["orders-db's warnings", 13],
    ['how many warnings were logged', 13],
    ['errors and warnings', 13],
    ['warnings or errors', 13],
    ['fatal errors', 21],
    ['critical errors or errors', 17],
    ['error lines', 17],
    ['lines at error level', 17],
    ['critical events', 21],
    ['did checkout log errors', 17],
    ['when did errors start', 17],
    ['the first error', 17],
    ['an error in checkout', 17],
    ['which errors are new', 17],
  ])('%s: %i', (text, severity) => {
    expect(least(text)).toBe(severity)
  })
})

describe('it is what is asked for', () => {
  test.each([
    'error 500',
    'error code 7',
    'error rate',
    'error handling',
    'connection errors',
    'parse error',
    'timeout errors',
    'out of memory errors',
    'payment errors',
    'errors about certificates',
    'errors like ECONNRESET',
    'errors mentioning the disk',
    'errors or timeouts',
    'timeouts and errors',
    'the error in the parser',
    'the error handler',
    'an error-prone change',
    'critical section',
    'fatal: not a git repository',
    'a warning sign',
    'terrors',
    'errorless',
  ])('%s', (text) => {
    expect(least(text)).toBe(0)
  })
})

describe('one level alone, or what is above it too', () => {
  test.each([
    ['how many warnings', 16],
    ['how many WARNING lines', 16],
    ['how many ERROR lines are there', 20],
    ['lines at error level', 20],
    ['how many ERROR did checkout log', 20],
    ['the most frequent warning', 16],
    ['how many errors', null],
    ['how many warnings or worse', null],
    ['fatal errors', null],
  ])('%s: %s', (text, gravest) => {
    expect(findSeverity(text, ['checkout']).map((mention) => mention.maxSeverity)).toEqual([
      gravest,
    ])
  })
})

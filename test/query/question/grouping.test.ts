import { expect, test } from 'vitest'
import { findGrouping, findOtherGrouping } from '../../../src/query/question/grouping.ts'

test.each([
  'which services had errors',
  'what services are failing',
  'list the services with errors',
  'services that timed out',
  'how many errors per service?',
  'count errors by service',
])('"%s" wants its counts by service', (question) => {
  expect(findGrouping(question)?.by).toBe('service')
})

test.each([
  'is the auth service down',
  'errors rejected by service payments',
  'why is the service slow',
  'service unavailable',
])('"%s" does not', (question) => {
  expect(findGrouping(question)).toBeNull()
})

test('what the counts cannot be parted by is known by its name', () => {
  expect(findOtherGrouping('which hosts had errors?')).toBe('host')
  expect(findOtherGrouping('errors per pod')).toBe('pod')
  expect(findOtherGrouping('rejected by host web-1')).toBeNull()
})

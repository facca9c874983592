import { expect, test } from 'vitest'
import { kindOfQuestion } from '../../src/query/question-kind.ts'

test.each([
  ['why did it fail?', 'explain'],
  ['why are there so many errors?', 'explain'],
  ['what triggered the restart?', 'explain'],
  ['reason for the crash', 'explain'],
  ['because of what? how come it fails?', 'explain'],
  ['how many errors?', 'count'],
  ['How often does it fail?', 'count'],
  ['count the retries', 'count'],
  ['what is the number of retries?', 'count'],
  ['total number of retries', 'count'],
  ['which host logged the most errors?', 'top'],
  ['top 10 patterns', 'top'],
  ['most common errors', 'top'],
  ['commonest warning', 'top'],
  ['top warning of web', 'top'],
  ['lines of web, how many', 'count'],
  ['what was logged most recently?', 'find'],
  ['when was the last login?', 'trend'],
  ['since when is it failing?', 'trend'],
  ['is the error rate rising?', 'trend'],
  ['how many errors per hour?', 'trend'],
  ['request rate', 'trend'],
  ['request rate limited', 'trend'],
  ['is it rate limited?', 'find'],
  ['the counter of the bank', 'find'],
  ['account locked', 'find'],
  ['what happened to the order?', 'find'],
  ['disk full', 'find'],
])('%s: %s', (question, kind) => {
  expect(kindOfQuestion(question, { hasRange: false })).toBe(kind)
})

test.each([
  'what happened?',
  'what was going on',
  "what's happening",
  'anything strange',
  'overview',
])('with a time, "%s" asks what is around it', (question) => {
  expect(kindOfQuestion(question, { hasRange: true })).toBe('around')
  expect(kindOfQuestion(question, { hasRange: false })).toBe('find')
})

import { expect, test } from 'vitest'
import { asksForBeginning, withoutVerbsOfBeginning } from '../../../src/query/question/beginning.ts'

test.each([
  ['started', true, ''],
  ['timeouts started', false, 'timeouts'],
  ['containers started', false, 'containers started'],
  ['started', false, 'started'],
  ['session stopped', true, 'session stopped'],
])('of "%s" beside a filter (%s) the content is "%s"', (words, hasFilter, content) => {
  expect(withoutVerbsOfBeginning(words.split(' '), { hasFilter }).join(' ')).toBe(content)
})

test.each([
  ['which errors began', true],
  ['what errors started', true],
  ['which errors came first', true],
  ['which errors were there', false],
  ['why did it start', false],
])('"%s" asks for what is new: %s', (question, expected) => {
  expect(asksForBeginning(question)).toBe(expected)
})

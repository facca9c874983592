import { expect, test } from 'vitest'
import { readQuestions } from '../../../src/query/evaluation/read-questions.ts'

const line = (question: object) => JSON.stringify(question)
const find = { question: 'who?', kind: 'find', gold: ['a line'] }

test('reads one question a line, and skips blank lines', () => {
  const text = [line(find), '', line({ question: 'ok?', kind: 'absent', gold: [] }), ''].join('\n')
  expect(readQuestions(text)).toHaveLength(2)
})

test.each([
  ['', /at least one question/],
  ['{', /line 1: expected JSON/],
  [`${line(find)}\n${line({ ...find, kind: 'guess' })}`, /line 2: kind/],
  [line({ ...find, gold: [] }), /line 1: gold/],
  [line({ ...find, kind: 'count' }), /line 1: gold/],
  [line({ ...find, now: 'yesterday' }), /line 1: now/],
  [line({ ...find, question: ' ' }), /line 1: question/],
  [line({ question: 'x', kind: 'absent', gold: ['a line'] }), /line 1: gold/],
])('%j is refused, with the line and the field', (text, message) => {
  expect(() => readQuestions(text)).toThrow(message)
})

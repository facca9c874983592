import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/query/evaluation/evaluate.ts'
import { summariseOutcomes } from '../../../src/query/evaluation/summarise-outcomes.ts'

const outcome = (fields: Partial<Outcome>): Outcome => ({
  question: '?',
  kind: 'find',
  style: null,
  found: true,
  count: null,
  expected: null,
  ms: 1,
  ...fields,
})

test('shares are of the questions that ask for lines, by place', () => {
  const { methods, rows } = summariseOutcomes([
    outcome({ rank: 1, bm25Rank: 2, style: 'symptom' }),
    outcome({ rank: 4, bm25Rank: null }),
    outcome({ rank: 10, bm25Rank: 1 }),
    outcome({ rank: null, bm25Rank: null }),
    outcome({ kind: 'count', expected: 3, count: 3 }),
  ])
  expect(methods.millrace).toEqual({
    recallAt1: 0.25,
    recallAt5: 0.5,
    recallAt10: 0.75,
    mrr: (1 + 1 / 4 + 1 / 10) / 4,
  })
  expect(methods.bm25).toEqual({ recallAt1: 0.25, recallAt5: 0.5, recallAt10: 0.5, mrr: 1.5 / 4 })
  expect(rows.map(({ name, questions }) => [name, questions])).toEqual([
    ['symptom', 1],
    ['find', 3],
  ])
})

test('counts are exact or not, and refusals right or wrong', () => {
  const { counts, refusals, latencyMs } = summariseOutcomes([
    outcome({ kind: 'count', expected: 3, count: 3, ms: 9 }),
    outcome({ kind: 'count', expected: 0, count: null, found: false }),
    outcome({ kind: 'count', expected: 3, count: 2 }),
    outcome({ kind: 'absent', found: false }),
    outcome({ kind: 'absent', found: true }),
    outcome({ rank: null, found: false }),
  ])
  expect(counts).toEqual({ asked: 3, exact: 2 })
  expect(refusals).toEqual({ absent: 2, right: 1, answerable: 3, wrong: 1 })
  expect(latencyMs).toEqual({ p50: 1, p99: 9, max: 9 })
})

test('no questions are no shares', () => {
  expect(summariseOutcomes([]).methods.bm25).toMatchObject({ recallAt1: 0, mrr: 0 })
})

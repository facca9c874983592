import { describe, expect, test } from 'vitest'
import {
  type Run,
  type Standing,
  shouldYield,
} from '../../../src/pipeline/scheduling/should-yield.ts'

const run = (name: string, fields: Partial<Run> = {}): Run => ({
  name,
  began: 0,
  isLeft: false,
  isYielding: false,
  ...fields,
})

/** A worker of four places whose turns are a second long, ten seconds after the beginning. */
const standing = (
  runs: Run[],
  waiting: Record<string, number>,
  fields: Partial<Standing> = {},
) => ({
  runs,
  waiting: new Map(Object.entries(waiting)),
  concurrency: 4,
  limitOf: () => 4,
  shareOf: () => 4,
  now: 10_000,
  turnMs: 1_000,
  ...fields,
})

/** How many of the runs are told to leave, when each is asked in turn. */
const leaving = (runs: Run[], waiting: Record<string, number>, fields: Partial<Standing> = {}) =>
  runs.filter((one) => shouldYield(one, standing(runs, waiting, fields))).length

describe('a run that has had its turn', () => {
  test('leaves its place to a shard that waits, and as many do as wait', () => {
    const four = () => ['a', 'a', 'a', 'b'].map((name) => run(name))
    expect(leaving(four(), {})).toBe(0)
    expect(leaving(four(), { a: 1 })).toBe(1)
    expect(leaving(four(), { b: 1, c: 1 })).toBe(2)
    expect(leaving(four(), { c: 40 })).toBe(4)
  })

  test('keeps it until then', () => {
    const young = ['a', 'a', 'a', 'b'].map((name) => run(name, { began: 9_500 }))
    expect(leaving(young, { c: 1 })).toBe(0)
  })

  test('keeps it while there is another place', () => {
    expect(leaving([run('a'), run('a'), run('b')], { c: 5 })).toBe(0)
  })

  test('keeps it when no place would help who waits: its pipeline is at its own limit', () => {
    const limitOf = (name: string) => (name === 'one' ? 1 : 4)
    const four = ['a', 'a', 'a', 'one'].map((name) => run(name))
    expect(four.map((one) => shouldYield(one, standing(four, { one: 3 }, { limitOf })))).toEqual([
      false,
      false,
      false,
      true,
    ])
    // The limit is what it waits for, not a place.
    expect(leaving([run('one')], { one: 3 }, { limitOf })).toBe(1)
  })

  test('is asked anew at each batch', () => {
    const four = ['a', 'a', 'a', 'b'].map((name) => run(name))
    expect(leaving(four, { c: 1 })).toBe(1)
    expect(leaving(four, {})).toBe(0)
    expect(four.some(({ isYielding }) => isYielding)).toBe(false)
  })
})

describe('a run of a pipeline of which the worker works more than its share', () => {
  const shareOf = () => 2

  test('leaves, and no more of them than are over', () => {
    const four = ['a', 'a', 'a', 'a'].map((name) => run(name, { began: 10_000 }))
    expect(leaving(four, {}, { shareOf })).toBe(2)
  })

  test('stays when its shard was passed on to this worker by all others', () => {
    const four = ['a', 'a', 'a', 'a'].map((name) => run(name, { isLeft: true }))
    expect(leaving(four, {}, { shareOf })).toBe(0)
  })
})

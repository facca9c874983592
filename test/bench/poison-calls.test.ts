import { describe, expect, test } from 'vitest'
import { summarizeCalls, toRanges } from '../../bench/poison/count-calls.ts'

describe('the calls of a poison run', () => {
  test('count what was given again, and time attempts at one record alone', () => {
    const calls = [
      { at: 0, numbers: [0, 1, 2, 3], hasPoison: true },
      { at: 5, numbers: [0, 1], hasPoison: false },
      { at: 10, numbers: [2], hasPoison: true },
      { at: 60, numbers: [2], hasPoison: true },
      { at: 70, numbers: [3], hasPoison: false },
    ]
    expect(summarizeCalls(calls)).toEqual({
      calls: 5,
      withPoison: 3,
      given: 9,
      again: [0, 1, 2, 3],
      most: 3,
      gaps: [50],
    })
  })

  test('ranges join neighbours and name single ones', () => {
    expect(toRanges([0, 1, 2, 7, 9, 10])).toBe('0-2 7 9-10')
    expect(toRanges([])).toBe('')
  })
})

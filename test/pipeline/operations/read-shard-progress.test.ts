import { describe, expect, it } from 'vitest'
import { recordsPerSecond } from '../../../src/pipeline/operations/read-shard-progress.ts'

const now = new Date('2026-11-27T12:00:00Z')
const began = (agoMs: number) => new Date(now.getTime() - agoMs)

describe('recordsPerSecond', () => {
  it.each([
    ['a span that has just begun, with all of the one before', 0, 50],
    ['half of a span, with half of the one before', 5_000, 75],
    ['a whole span', 10_000, 100],
    ['what is left of a span that ended', 15_000, 50],
    ['nothing after two spans', 20_000, 0],
  ])('counts %s', (_what, agoMs, expected) => {
    const rateRecords = agoMs === 0 ? 0 : agoMs === 5_000 ? 500 : 1_000
    const rate = { rateAt: began(agoMs), rateRecords, rateBefore: 500 }
    expect(recordsPerSecond(rate, now)).toBe(expected)
  })

  it('is 0 for a checkpoint that never moved', () => {
    expect(recordsPerSecond({ rateAt: null, rateRecords: 0, rateBefore: 0 }, now)).toBe(0)
  })
})

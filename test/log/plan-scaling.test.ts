import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenRanges, type HashRange, maxHashKey } from '../../src/log/hash-ring.ts'
import { planScaling } from '../../src/log/plan-scaling.ts'

type Piece = HashRange & { number: number }

const even = (count: number): Piece[] =>
  evenRanges(count).map((range, number) => ({ ...range, number }))

/** Any way in which shards can tile the hash keys. */
const tiling = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: maxHashKey }), { maxLength: 12 })
  .map((bounds): Piece[] => {
    const starts = [0n, ...bounds.toSorted((a, b) => (a < b ? -1 : 1))]
    return starts.map((hashStart, number) => ({
      number,
      hashStart,
      hashEnd: (starts[number + 1] ?? maxHashKey + 1n) - 1n,
    }))
  })

/** What is open after the plan, by hash key. */
function carryOut(open: readonly Piece[], target: number) {
  const planned = planScaling(open, target, open.length)
  const closed = new Set(planned.flatMap((shard) => shard.parents))
  const all = [...open, ...planned]
  const left = all.filter((shard) => !closed.has(shard.number))
  return { planned, all, left: left.sort((a, b) => (a.hashStart < b.hashStart ? -1 : 1)) }
}

describe('planScaling', () => {
  it('ends with even shards, from any shards to any count', () => {
    fc.assert(
      fc.property(tiling, fc.integer({ min: 1, max: 24 }), (open, target) => {
        const { left } = carryOut(open, target)
        expect(left.map(({ hashStart, hashEnd }) => ({ hashStart, hashEnd }))).toEqual(
          evenRanges(target),
        )
      }),
    )
  })

  it('takes splits and merges alone: one parent that is split in two, or two that are neighbours, each once', () => {
    fc.assert(
      fc.property(tiling, fc.integer({ min: 1, max: 24 }), (open, target) => {
        const { planned, all } = carryOut(open, target)
        const byNumber = new Map(all.map((shard) => [shard.number, shard]))
        expect(byNumber.size).toBe(all.length)
        const children = Map.groupBy(
          planned.flatMap((child) => child.parents.map((parent) => ({ parent, child }))),
          ({ parent }) => parent,
        )
        for (const child of planned) {
          const parents = child.parents.map((number) => byNumber.get(number))
          for (const parent of parents) expect(parent?.number).toBeLessThan(child.number)
          if (parents.length === 2) {
            expect(parents[0]?.hashStart).toBe(child.hashStart)
            expect((parents[0]?.hashEnd ?? 0n) + 1n).toBe(parents[1]?.hashStart)
            expect(parents[1]?.hashEnd).toBe(child.hashEnd)
          } else expect(parents).toHaveLength(1)
        }
        for (const [parent, made] of children) {
          const sizes = made.map(({ child }) => child.hashEnd - child.hashStart + 1n)
          const own = byNumber.get(parent)
          if (made.length === 2)
            expect(sizes.reduce((a, b) => a + b)).toBe(
              (own?.hashEnd ?? 0n) - (own?.hashStart ?? 0n) + 1n,
            )
          else expect(made[0]?.child.parents).toHaveLength(2)
        }
      }),
    )
  })

  it('leaves alone what is as it should be', () => {
    expect(planScaling(even(4), 4, 4)).toEqual([])
    expect(carryOut(even(2), 4).planned).toHaveLength(4)
    expect(carryOut(even(4), 2).planned).toHaveLength(2)
    expect(carryOut(even(1), 8).planned).toHaveLength(14)
  })
})

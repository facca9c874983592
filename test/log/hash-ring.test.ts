import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenRanges, findRange, hashKeyOf, maxHashKey } from '../../src/log/hash-ring.ts'

describe('hash ring', () => {
  it('hashes a partition key as Kinesis does: MD5 as an unsigned 128-bit number', () => {
    // md5('a') = 0cc175b9c0f1b6a831c399e269772661
    expect(hashKeyOf('a')).toBe(0x0cc175b9c0f1b6a831c399e269772661n)
    expect(hashKeyOf('ключ')).toBe(hashKeyOf(Buffer.from('ключ').toString('utf8')))
  })

  it('splits two shards where Kinesis does', () => {
    expect(evenRanges(2)).toEqual([
      { hashStart: 0n, hashEnd: 170141183460469231731687303715884105727n },
      { hashStart: 170141183460469231731687303715884105728n, hashEnd: maxHashKey },
    ])
  })

  it('tiles all hash keys without gap or overlap, for any number of shards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        const ranges = evenRanges(count)
        expect(ranges[0]?.hashStart).toBe(0n)
        expect(ranges.at(-1)?.hashEnd).toBe(maxHashKey)
        for (const [index, range] of ranges.slice(1).entries())
          expect(range.hashStart).toBe((ranges[index]?.hashEnd ?? 0n) + 1n)
      }),
      { numRuns: 30 },
    )
  })

  it('finds the one range that holds a key', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.bigInt({ min: 0n, max: maxHashKey }),
        (count, key) => {
          const ranges = evenRanges(count)
          const found = findRange(ranges, key)
          expect(ranges.filter((range) => range.hashStart <= key && key <= range.hashEnd)).toEqual([
            found,
          ])
        },
      ),
    )
  })

  it('finds nothing in a hole', () => {
    expect(findRange([{ hashStart: 10n, hashEnd: 20n }], 5n)).toBeUndefined()
  })
})

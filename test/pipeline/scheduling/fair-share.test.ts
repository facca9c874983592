import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fairShare } from '../../../src/pipeline/scheduling/roster.ts'

const concurrencies = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 })

describe('fairShare', () => {
  it('lets the workers together take every shard that they can, and no one more than it can', () => {
    fc.assert(
      fc.property(concurrencies, fc.nat({ max: 60 }), (sizes, total) => {
        const workers = sizes.map((concurrency) => ({ concurrency }))
        const shares = workers.map((worker) => fairShare(worker, workers, total))
        const most = shares.reduce((sum, share) => sum + share, 0)
        const capacity = sizes.reduce((sum, size) => sum + size, 0)
        expect(most).toBeGreaterThanOrEqual(Math.min(total, capacity))
        for (const [index, share] of shares.entries())
          expect(share).toBeLessThanOrEqual(sizes[index] ?? 0)
      }),
    )
  })

  it('gives nobody more than one shard above another that could take it', () => {
    fc.assert(
      fc.property(concurrencies, fc.nat({ max: 60 }), (sizes, total) => {
        const workers = sizes.map((concurrency) => ({ concurrency }))
        const free = workers
          .map((worker) => ({ worker, share: fairShare(worker, workers, total) }))
          .filter(({ worker, share }) => share < worker.concurrency)
        expect(new Set(free.map(({ share }) => share)).size).toBeLessThanOrEqual(1)
      }),
    )
  })
})

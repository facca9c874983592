import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitTokens } from '../../../src/embed/openai/split-tokens.ts'

test('shares are whole, in proportion, and their sum is exact', () => {
  fc.assert(
    fc.property(
      fc.nat(300_000),
      fc.array(fc.integer({ min: 1, max: 16_000_000 }), { minLength: 1, maxLength: 20 }),
      (tokens, weights) => {
        const shares = splitTokens(tokens, weights)
        const sum = weights.reduce((total, weight) => total + weight, 0)
        expect(shares.reduce((total, share) => total + share, 0)).toBe(tokens)
        for (const [place, share] of shares.entries()) {
          const exact = (tokens * (weights[place] ?? 0)) / sum
          expect(Number.isInteger(share)).toBe(true)
          expect(Math.abs(share - exact)).toBeLessThanOrEqual(place === 0 ? weights.length : 1)
        }
      },
    ),
  )
})

test('what is left over is the first’s, and nobody is no share', () => {
  expect(splitTokens(10, [1, 1, 1])).toEqual([4, 3, 3])
  expect(splitTokens(10, [])).toEqual([])
})

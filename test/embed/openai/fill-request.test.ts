import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillRequest } from '../../../src/embed/openai/fill-request.ts'

const inputs = (...bytes: number[]) =>
  bytes.map((size, index) => ({ text: '', index, bytes: size }))

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })

test('a request is within both limits, never empty, and says whether the next input has room', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 60 }),
      (bytes, maxInputs, maxTokens) => {
        const { count, isFull } = fillRequest(inputs(...bytes), { maxInputs, maxTokens })
        const tokens = (end: number) =>
          bytes.slice(0, end).reduce((sum, size) => sum + Math.ceil(size / 2), 0)
        expect(count).toBeGreaterThan(0)
        expect(count).toBeLessThanOrEqual(maxInputs)
        if (count > 1) expect(tokens(count)).toBeLessThanOrEqual(maxTokens)
        if (count < bytes.length)
          expect(count === maxInputs || tokens(count + 1) > maxTokens).toBe(true)
        if (!isFull) expect(count).toBe(bytes.length)
        expect(isFull).toBe(
          count < bytes.length || count >= maxInputs || tokens(count) >= maxTokens,
        )
      },
    ),
  )
})

test('an input that is over the limit by itself goes by itself', () => {
  const limits = { maxInputs: 9, maxTokens: 10 }
  expect(fillRequest(inputs(100, 1), limits)).toEqual({ count: 1, isFull: true })
  expect(fillRequest(inputs(1, 100), limits)).toEqual({ count: 1, isFull: true })
})

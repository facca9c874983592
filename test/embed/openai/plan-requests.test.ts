import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRequests } from '../../../src/embed/openai/plan-requests.ts'

const inputs = (...texts: string[]) => texts.map((text, index) => ({ text, index }))

test('every input is sent once, in order, in requests within both limits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 })),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 60 }),
      (texts, maxInputs, maxTokens) => {
        const requests = planRequests(inputs(...texts), { maxInputs, maxTokens })
        expect(requests.flat()).toEqual(inputs(...texts))
        for (const request of requests) {
          expect(request.length).toBeGreaterThan(0)
          expect(request.length).toBeLessThanOrEqual(maxInputs)
          const bytes = request.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
          if (request.length > 1) expect(bytes / 2).toBeLessThanOrEqual(maxTokens)
        }
      },
    ),
  )
})

test('an input that is over the limit by itself is sent by itself', () => {
  const requests = planRequests(inputs('a', 'x'.repeat(100), 'b'), { maxInputs: 9, maxTokens: 10 })
  expect(requests.map((request) => request.length)).toEqual([1, 1, 1])
})

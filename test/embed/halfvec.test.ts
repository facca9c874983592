import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHalfvec, toHalfvec } from '../../src/embed/halfvec.ts'

const sent = (...halves: number[]) => {
  const bytes = Buffer.alloc(4 + 2 * halves.length)
  bytes.writeUInt16BE(halves.length, 0)
  for (const [index, half] of halves.entries()) bytes.writeUInt16BE(half, 4 + 2 * index)
  return bytes
}

test.each([
  [0x0000, 0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3800, 0.5],
  [0x3555, 0.333251953125],
  [0x7bff, 65_504],
  [0x0400, 2 ** -14],
  [0x0001, 2 ** -24],
  [0x83ff, -1023 * 2 ** -24],
])('the half %i is %d', (half, value) => {
  expect([...fromHalfvec(sent(half))]).toEqual([value])
})

test('every half of a unit vector is what IEEE 754 says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x3c00 }), fc.boolean(), (magnitude, isNegative) => {
      const exponent = magnitude >> 10
      const fraction = magnitude & 0x3ff
      const absolute =
        exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
      const [value] = fromHalfvec(sent(magnitude | (isNegative ? 0x8000 : 0)))
      expect(Math.abs(value ?? Number.NaN)).toBe(absolute)
      if (absolute > 0) expect(value).toBe(isNegative ? -absolute : absolute)
    }),
  )
})

test('a vector is written as a list of numbers, six digits each', () => {
  expect(toHalfvec(Float32Array.of(1, -0.5, 1 / 3, 1e-8))).toBe(
    '[1.00000,-0.500000,0.333333,1.00000e-8]',
  )
})

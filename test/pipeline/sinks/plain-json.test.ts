import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toJsonLine, toPlain } from '../../../src/pipeline/sinks/plain-json.ts'

describe('toJsonLine', () => {
  it('writes what JSON can say as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toJsonLine(value)).toBe(JSON.stringify(value))
      }),
    )
  })

  it('says the rest in words of its own', () => {
    const value = {
      big: 2n ** 70n,
      at: new Date(0),
      bytes: Buffer.from('hi'),
      vector: Float32Array.of(0.5, Number.NaN),
      gone: undefined,
      list: [undefined, Number.POSITIVE_INFINITY],
      own: { toJSON: () => ({ n: 1n }) },
    }
    expect(toPlain(value)).toEqual({
      big: '1180591620717411303424',
      at: '1970-01-01T00:00:00.000Z',
      bytes: { base64: 'aGk=' },
      vector: [0.5, null],
      gone: undefined,
      list: [null, null],
      own: { n: '1' },
    })
    expect(toJsonLine(() => 1)).toBeUndefined()
  })

  it.each([Promise.resolve(1), new Map([['a', 1]]), new Set([1])])(
    'refuses %o, of which JSON would make an empty object',
    (value) => {
      expect(() => toJsonLine({ of: [value] })).toThrow(TypeError)
    },
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitLines } from '../../../src/server/doors/split-lines.ts'

const split = (text: string) => {
  const { lines, skipped } = splitLines(Buffer.from(text), 1_000)
  return { lines: lines.map(String), skipped }
}

describe('splitLines', () => {
  it('takes a record a line, with or without a line break at the end', () => {
    expect(split('a\nb\n')).toEqual({ lines: ['a', 'b'], skipped: 0 })
    expect(split('a\r\nb')).toEqual({ lines: ['a', 'b'], skipped: 0 })
    expect(split('')).toEqual({ lines: [], skipped: 0 })
  })

  it('counts empty lines and keeps blank ones', () => {
    expect(split('\na\n\r\n\n b \n  \n')).toEqual({ lines: ['a', ' b ', '  '], skipped: 3 })
  })

  it('keeps a carriage return that is not at the end', () => {
    expect(split('a\rb\n\r\r\n').lines).toEqual(['a\rb', '\r'])
  })

  it('refuses more records than it may take', () => {
    expect(splitLines(Buffer.from('a\nb\n'), 2).lines).toHaveLength(2)
    expect(() => splitLines(Buffer.from('a\nb\nc'), 2)).toThrow(/at most 2 records/)
  })

  it('gives back any lines that were joined, byte for byte', () => {
    const line = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter((bytes) => !bytes.includes(0x0a) && bytes.at(-1) !== 0x0d)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const body = Buffer.concat(lines.flatMap((bytes) => [bytes, Buffer.from('\n')]))
        expect(splitLines(body, 1_000).lines.map((data) => [...data])).toEqual(
          lines.map((bytes) => [...bytes]),
        )
      }),
    )
  })
})

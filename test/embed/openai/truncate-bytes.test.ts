import fc from 'fast-check'
import { expect, test } from 'vitest'
import { truncateBytes } from '../../../src/embed/openai/truncate-bytes.ts'

test('a text is cut to its longest beginning of whole characters that fits', () => {
  expect(truncateBytes('abc', 3)).toBe('abc')
  expect(truncateBytes('abcd', 3)).toBe('abc')
  expect(truncateBytes('aéé', 4)).toBe('aé')
  expect(truncateBytes('🔥🔥', 7)).toBe('🔥')
  expect(truncateBytes('🔥', 3)).toBe('')
  expect(truncateBytes('', 3)).toBe('')
})

test('for every text: a beginning of it, within the limit, less than a character short of it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 30 }),
      (text, maxBytes) => {
        const cut = truncateBytes(text, maxBytes)
        expect(text.startsWith(cut)).toBe(true)
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
        if (cut !== text) expect(Buffer.byteLength(cut)).toBeGreaterThan(maxBytes - 4)
      },
    ),
  )
})

test('half a surrogate pair, which JSON cannot say in UTF-8, is replaced', () => {
  expect(truncateBytes('a\ud83d', 10)).toBe('a\ufffd')
})

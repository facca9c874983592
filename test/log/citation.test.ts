import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCitation, parseCitation } from '../../src/log/citation.ts'
import { sequenceAt, timeOfSequence } from '../../src/log/sequence.ts'

describe('citations', () => {
  it('read what they write', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-zA-Z0-9_.-]{1,128}$/),
        fc.nat(2_000_000),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        (stream, shard, sequence) => {
          expect(parseCitation(formatCitation({ stream, shard, sequence }))).toEqual({
            stream,
            shard,
            sequence,
          })
        },
      ),
    )
  })

  it.each(['', 'logs', 'logs/0', 'logs/x/1', 'logs/0/-1', 'a b/0/1', 'logs/0/1/2'])(
    'refuse %j and say what one looks like',
    (text) => {
      expect(() => parseCitation(text)).toThrow(/expected a citation such as/)
    },
  )
})

describe('sequence numbers', () => {
  it('carry their time to the millisecond', () => {
    const at = new Date('2026-11-23T14:32:05.123Z')
    expect(timeOfSequence(sequenceAt(at))).toEqual(at)
    expect(timeOfSequence(sequenceAt(at) + 4_194_303n)).toEqual(at)
  })

  it('are 0 for every moment before 2025', () => {
    expect(sequenceAt(new Date('2015-10-18T00:00:00Z'))).toBe(0n)
  })
})

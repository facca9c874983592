import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochMs } from '../../../../src/pipeline/steps/parse/epoch.ts'
import { readTimestamp } from '../../../../src/pipeline/steps/parse/timestamp.ts'

const arrivedMs = Date.parse('2026-11-23T10:00:00Z')
const read = (text: string) => {
  const stamp = readTimestamp(text, 0, arrivedMs)
  return (
    stamp && {
      iso: new Date(stamp.ms).toISOString(),
      rest: text.slice(stamp.end),
      zoned: stamp.zoned,
    }
  )
}

describe('readTimestamp', () => {
  test.each([
    ['2024-03-05T07:08:09Z x', '2024-03-05T07:08:09.000Z', true],
    ['2024-03-05T07:08:09.123456789Z x', '2024-03-05T07:08:09.123Z', true],
    ['2024-03-05T07:08:09,5+02:00 x', '2024-03-05T05:08:09.500Z', true],
    ['2024-03-05T07:08:09-0330 x', '2024-03-05T10:38:09.000Z', true],
    ['2024-03-05T07:08:09+01 x', '2024-03-05T06:08:09.000Z', true],
    ['2024-03-05 07:08:09,123 x', '2024-03-05T07:08:09.123Z', false],
    ['2024-03-05 07:08:09.123 UTC x', '2024-03-05T07:08:09.123Z', true],
    ['2024-03-05 07:08:09 CEST x', '2024-03-05T05:08:09.000Z', true],
    ['2024-03-05 07:08:09 PST x', '2024-03-05T15:08:09.000Z', true],
    ['2024/03/05 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['2024.03.05 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['2024-03-05-07.08.09.675872 x', '2024-03-05T07:08:09.675Z', false],
    ['20240305T070809Z x', '2024-03-05T07:08:09.000Z', true],
    ['20240305 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['20240305-7:08:09:606 x', '2024-03-05T07:08:09.606Z', false],
    ['20240305070809 x', '2024-03-05T07:08:09.000Z', false],
    ['24/03/05 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['240305 070809 x', '2024-03-05T07:08:09.000Z', false],
    ['05.03.2024 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['03/05/2024 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['03/05/2024, 7:08:09 PM x', '2024-03-05T19:08:09.000Z', false],
    ['25/03/2024 07:08:09 x', '2024-03-25T07:08:09.000Z', false],
    ['05/Mar/2024:07:08:09 -0700 x', '2024-03-05T14:08:09.000Z', true],
    ['05 Mar 2024 07:08:09.123 x', '2024-03-05T07:08:09.123Z', false],
    ['05-Mar-2024 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['Mar  5 07:08:09 x', '2026-03-05T07:08:09.000Z', false],
    ['Mar 05 2024 07:08:09 x', '2024-03-05T07:08:09.000Z', false],
    ['Tue Mar 05 07:08:09 2024 x', '2024-03-05T07:08:09.000Z', false],
    ['Tue Mar 05 07:08:09.5 UTC 2024 x', '2024-03-05T07:08:09.500Z', true],
    ['Tue, 05 Mar 2024 07:08:09 GMT x', '2024-03-05T07:08:09.000Z', true],
    ['03-05 07:08:09.123 x', '2026-03-05T07:08:09.123Z', false],
    ['07:08:09.5 x', '2026-11-23T07:08:09.500Z', false],
    ['23:08:09 x', '2026-11-22T23:08:09.000Z', false],
    ['1709622489 x', '2024-03-05T07:08:09.000Z', true],
    ['1709622489.123 x', '2024-03-05T07:08:09.123Z', true],
    ['1709622489123 x', '2024-03-05T07:08:09.123Z', true],
    ['1709622489123456 x', '2024-03-05T07:08:09.123Z', true],
    ['1709622489123456789 x', '2024-03-05T07:08:09.123Z', true],
  ])('reads %s', (text, iso, zoned) => {
    expect(read(text)).toEqual({ iso, rest: ' x', zoned })
  })

  test.each([
    '2024-03-05',
    '2024-13-05 07:08:09',
    '2024-02-30 07:08:09',
    '2023-02-29 07:08:09',
    '2024-03-05 25:08:09',
    '2024-03-05 07:60:09',
    '07:08:09:0a:1b:2c x',
    '10.0.0.1 x',
    '192.168.100.200 x',
    '1234567 x',
    '999999 123456 x',
    '17096224890000000000000 x',
    '1709622489x',
    'Marble 5 07:08:09',
    'Mar 5',
    'May be',
    '9999-03-05 07:08:09',
  ])('takes no time out of %s', (text) => expect(read(text)).toBeNull())

  test.each([
    ['Nov 24 09:59:59', '2026-11-24T09:59:59.000Z'],
    ['Nov 24 10:00:01', '2025-11-24T10:00:01.000Z'],
    ['Dec 31 23:59:59', '2025-12-31T23:59:59.000Z'],
    ['Feb 29 12:00:00', '2024-02-29T12:00:00.000Z'],
  ])('gives %s the latest year that is not later than a day after the arrival', (text, iso) => {
    expect(read(text)?.iso).toBe(iso)
  })

  test('reads every ISO time that a Date writes', () => {
    const from = Date.UTC(1971, 0, 1)
    fc.assert(
      fc.property(fc.integer({ min: from, max: Date.UTC(2199, 0, 1) }), (ms) => {
        expect(readTimestamp(new Date(ms).toISOString(), 0, arrivedMs)?.ms).toBe(ms)
      }),
    )
  })

  test('never throws, nor reads beyond the text', () => {
    const near = fc.stringMatching(/^[0-9JanMarSunT :.,/Z+-]{0,40}$/)
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const stamp = readTimestamp(text, 0, arrivedMs)
        if (stamp !== null) expect(stamp.end).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})

describe('epochMs', () => {
  test.each([
    [1_700_000_000, 1_700_000_000_000],
    [1_700_000_000.123, 1_700_000_000_123],
    [1_700_000_000_123, 1_700_000_000_123],
    [1_700_000_000_123_456, 1_700_000_000_123],
    [1.7000000001234568e18, 1_700_000_000_123],
    [0, null],
    [-1, null],
    [12, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])('reads %d by its size', (value, ms) => expect(epochMs(value)).toBe(ms))
})

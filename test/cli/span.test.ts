import { describe, expect, it } from 'vitest'
import { anyMoment, span } from '../../src/cli/span.ts'

const now = new Date('2026-11-23T12:00:00Z')

describe('a length of time', () => {
  it('is a number of seconds, minutes, hours, days and weeks', () => {
    expect(['90s', '15m', '1h30m', '7d', '2w'].map(span)).toEqual([
      90_000, 900_000, 5_400_000, 604_800_000, 1_209_600_000,
    ])
  })

  it.each(['', '5', 'm', '0m', '-5m', '1.5h', 'soon', '1 h', '99999w'])('is not "%s"', (text) => {
    expect(() => span(text)).toThrow(/90s, 15m, 1h30m or 7d/)
  })
})

describe('a moment', () => {
  it('is a time with its zone, a day, now, or a length before now', () => {
    expect(
      ['2026-11-23T10:00:00+01:00', '2026-11-23', 'now', 'now-1h30m'].map((text) =>
        anyMoment(text)(now).toISOString(),
      ),
    ).toEqual([
      '2026-11-23T09:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
      '2026-11-23T12:00:00.000Z',
      '2026-11-23T10:30:00.000Z',
    ])
  })

  it.each(['yesterday', '2026-11-23T10:00:00', 'now-', 'now+1h', '10:00'])(
    'is not "%s"',
    (text) => {
      expect(() => anyMoment(text)).toThrow(/ISO 8601/)
    },
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asUtc, normal, openZone } from '../../../src/query/time/zone.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]
const moments = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2040-01-01T00:00:00Z'),
  noInvalidDate: true,
})

test.each(zones)(
  'the moments of what the wall shows include the moment it was read at: %s',
  (name) => {
    const zone = openZone(name)
    fc.assert(
      fc.property(moments, (at) => {
        const { first, last } = zone.momentsOf(zone.wallAt(at))
        expect([first.getTime(), last.getTime()]).toContain(at.getTime())
        expect(first.getTime()).toBeLessThanOrEqual(last.getTime())
      }),
      { numRuns: 300 },
    )
  },
)

test('a wall time that the clock jumps over is the moment as long after the jump', () => {
  const wall = { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0, millisecond: 0 }
  const { first, last } = openZone('Europe/Berlin').momentsOf(wall)
  expect(first.toISOString()).toBe('2026-03-29T01:30:00.000Z')
  expect(last).toEqual(first)
})

test('a wall time that comes twice has both moments', () => {
  const wall = { year: 2026, month: 10, day: 25, hour: 2, minute: 30, second: 0, millisecond: 0 }
  const { first, last } = openZone('Europe/Berlin').momentsOf(wall)
  expect([first.toISOString(), last.toISOString()]).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ])
})

test('overflow is carried', () => {
  const wall = { year: 2026, month: 12, day: 32, hour: 24, minute: 0, second: 0, millisecond: 0 }
  expect(asUtc(normal(wall))).toBe(Date.UTC(2027, 0, 2))
  expect(normal(wall)).toMatchObject({ year: 2027, month: 1, day: 2, hour: 0 })
})

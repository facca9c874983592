import { InvalidArgumentError } from 'commander'
import { expect, it } from 'vitest'
import { isoTime } from '../../src/cli/iso-time.ts'

it.each([
  ['2026-11-23T10:00:00Z', '2026-11-23T10:00:00.000Z'],
  ['2026-11-23T10:00:00.125+02:00', '2026-11-23T08:00:00.125Z'],
  ['2026-11-23T10:00Z', '2026-11-23T10:00:00.000Z'],
  ['2026-11-23', '2026-11-23T00:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(isoTime(text).toISOString()).toBe(expected)
})

it.each([
  '',
  'yesterday',
  '1764547200',
  '2026-11-23T10:00:00',
  '2026-02-30',
  '2026-02-30T10:00:00Z',
  '11/23/2026',
])('refuses %j and says what it expects', (text) => {
  expect(() => isoTime(text)).toThrow(InvalidArgumentError)
  expect(() => isoTime(text)).toThrow(/ISO 8601/)
})

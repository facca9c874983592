import { expect, test } from 'vitest'
import { createMeetings } from '../../../../src/pipeline/steps/pattern/meetings.ts'

test('a pattern that is met anew counts as later than it did, others stay where they were', () => {
  const meetings = createMeetings()
  meetings.add(new Set([1, 2]))
  const before = meetings.lastOf(1)
  meetings.add(new Set([2]))
  meetings.add(new Set())
  expect(meetings.lastOf(1)).toBe(before)
  expect(meetings.lastOf(2)).toBeGreaterThan(before)
})

test('what was forgotten counts as met then, never as earlier', () => {
  const meetings = createMeetings({ capacity: 2 })
  meetings.add(new Set([1, 2]))
  const before = meetings.lastOf(1)
  meetings.add(new Set([3]))
  expect(meetings.lastOf(1)).toBeGreaterThan(before)
})

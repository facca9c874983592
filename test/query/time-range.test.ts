import { describe, expect, test } from 'vitest'
import { parseTimeRange } from '../../src/query/time-range.ts'

const now = new Date('2026-11-23T21:00:00Z') // a Monday
const parse = (question: string, timeZone = 'UTC', at = now) =>
  parseTimeRange(question, { now: at, timeZone })

/** `from .. to` in UTC, without what is always zero; `-` for no range. */
const told = (question: string, timeZone = 'UTC', at = now) => {
  const { range } = parse(question, timeZone, at)
  if (!range) return '-'
  const short = (date: Date) =>
    date
      .toISOString()
      .replace(/(?::00)?\.000Z$/, '')
      .replace(/Z$/, '')
  return `${range.from ? short(range.from) : '*'} .. ${short(range.to)}`
}

const untilNow = '2026-11-23T21:01'

describe('a time range in UTC, asked on Monday 2026-11-23 at 21:00', () => {
  test.each([
    // Up to now.
    ['what failed in the last 30 minutes?', `2026-11-23T20:30 .. ${untilNow}`],
    ['in the past 2 hours', `2026-11-23T19:00 .. ${untilNow}`],
    ['last 24h', `2026-11-22T21:00 .. ${untilNow}`],
    ['errors of the past 15m', `2026-11-23T20:45 .. ${untilNow}`],
    ['the last hour', `2026-11-23T20:00 .. ${untilNow}`],
    ["last hour's errors", `2026-11-23T20:00 .. ${untilNow}`],
    ['in the last 1.5 hours', `2026-11-23T19:30 .. ${untilNow}`],
    ['within the last ten minutes', `2026-11-23T20:50 .. ${untilNow}`],
    ['in the last few minutes', `2026-11-23T20:55 .. ${untilNow}`],
    ['over the past 3 days', `2026-11-20T21:00 .. ${untilNow}`],
    ['in the last week', `2026-11-16T21:00 .. ${untilNow}`],
    ['since 14:00', `2026-11-23T14:00 .. ${untilNow}`],
    ['since 22:00', `2026-11-22T22:00 .. ${untilNow}`],
    ['from 14:00 onwards', `2026-11-23T14:00 .. ${untilNow}`],
    ['after 14:00', `2026-11-23T14:00 .. ${untilNow}`],
    ['since yesterday at 22:00', `2026-11-22T22:00 .. ${untilNow}`],
    ['since this morning', `2026-11-23T04:00 .. ${untilNow}`],
    ['since 2 hours ago', `2026-11-23T19:00 .. ${untilNow}`],
    ['from 14:00 to now', `2026-11-23T14:00 .. ${untilNow}`],
    ['since Friday', `2026-11-20T00:00 .. ${untilNow}`],
    // Midnight as an end is that of the day it is named with.
    ['between 23:45 and midnight on 20 November', '2026-11-20T23:45 .. 2026-11-21T00:00'],
    ['from 22:00 to midnight yesterday', '2026-11-22T22:00 .. 2026-11-23T00:00'],
    ['on 20 November before midnight', '2026-11-20T00:00 .. 2026-11-21T00:00'],
    ['between midnight and 01:00 on 20 November', '2026-11-20T00:00 .. 2026-11-20T01:00'],
    // A part of the day without its day is the latest.
    ['during the night', `2026-11-23T20:00 .. ${untilNow}`],
    ['in the afternoon', '2026-11-23T12:00 .. 2026-11-23T18:00'],
    // Points.
    ['around 14:32', '2026-11-23T14:22 .. 2026-11-23T14:42'],
    ['at about 14:32?', '2026-11-23T14:22 .. 2026-11-23T14:42'],
    ['~14:32', '2026-11-23T14:22 .. 2026-11-23T14:42'],
    ['around 21:32', '2026-11-22T21:22 .. 2026-11-22T21:42'],
    ['at 14:32', '2026-11-23T14:27 .. 2026-11-23T14:37'],
    ['at 14:32 yesterday', '2026-11-22T14:27 .. 2026-11-22T14:37'],
    ['yesterday around 14:32', '2026-11-22T14:22 .. 2026-11-22T14:42'],
    ['at 3pm', '2026-11-23T14:55 .. 2026-11-23T15:05'],
    ['at 3:15 p.m.', '2026-11-23T15:10 .. 2026-11-23T15:20'],
    ['at noon', '2026-11-23T11:55 .. 2026-11-23T12:05'],
    ['at midnight', '2026-11-22T23:55 .. 2026-11-23T00:05'],
    ['at 18:01:47', '2026-11-23T18:00:47 .. 2026-11-23T18:02:47'],
    ['2015-10-18 18:01:47,978', '2015-10-18T18:00:47.978 .. 2015-10-18T18:02:47.978'],
    ['at 2015-10-18T18:01:47.5+02:00', '2015-10-18T16:00:47.500 .. 2015-10-18T16:02:47.500'],
    ['at 14:32 UTC', '2026-11-23T14:27 .. 2026-11-23T14:37'],
    ['at 14:32 CET', '2026-11-23T13:27 .. 2026-11-23T13:37'],
    ['an hour ago', '2026-11-23T19:30 .. 2026-11-23T20:30'],
    ['half an hour ago', '2026-11-23T20:25 .. 2026-11-23T20:35'],
    ['20 minutes ago', '2026-11-23T20:35 .. 2026-11-23T20:45'],
    ['last Friday at 3pm', '2026-11-20T14:55 .. 2026-11-20T15:05'],
    ['Jun 14 15:16:01', '2026-06-14T15:15:01 .. 2026-06-14T15:17:01'],
    // Pairs.
    ['between 14:00 and 15:30', '2026-11-23T14:00 .. 2026-11-23T15:30'],
    ['14:00-15:30', '2026-11-23T14:00 .. 2026-11-23T15:30'],
    ['from 3pm to 4pm', '2026-11-23T15:00 .. 2026-11-23T16:00'],
    ['between 3 and 4pm', '2026-11-23T15:00 .. 2026-11-23T16:00'],
    ['between 11 and 1pm', '2026-11-23T11:00 .. 2026-11-23T13:00'],
    ['between 23:00 and 01:00', '2026-11-22T23:00 .. 2026-11-23T01:00'],
    ['between 20:30 and 22:00', `2026-11-23T20:30 .. ${untilNow}`],
    ['between 22:00 and 23:00', '2026-11-22T22:00 .. 2026-11-22T23:00'],
    ['on 2015-10-18 between 18:01 and 18:05', '2015-10-18T18:01 .. 2015-10-18T18:05'],
    ['between 18:01 and 18:05 on Oct 18 2015', '2015-10-18T18:01 .. 2015-10-18T18:05'],
    [
      'from 2015-10-18 18:01:47 to 2015-10-18 18:01:50',
      '2015-10-18T18:01:47 .. 2015-10-18T18:01:51',
    ],
    ['yesterday from 14:00 to 15:30', '2026-11-22T14:00 .. 2026-11-22T15:30'],
    ['from Friday 14:00 to Monday 10:00', '2026-11-20T14:00 .. 2026-11-23T10:00'],
    ['from Monday to Wednesday', '2026-11-16T00:00 .. 2026-11-19T00:00'],
    ['from Dec 20 to Jan 5', '2025-12-20T00:00 .. 2026-01-06T00:00'],
    ['after 14:00 and before 15:00', '2026-11-23T14:00 .. 2026-11-23T15:00'],
    ['10 minutes before 14:32', '2026-11-23T14:22 .. 2026-11-23T14:32'],
    ['in the 5 minutes after 14:32', '2026-11-23T14:32 .. 2026-11-23T14:37'],
    ['within 5 minutes of 14:32', '2026-11-23T14:27 .. 2026-11-23T14:37'],
    ['just before 14:32', '2026-11-23T14:17 .. 2026-11-23T14:32'],
    // Days and more.
    ['today', `2026-11-23T00:00 .. ${untilNow}`],
    ["yesterday's warnings", '2026-11-22T00:00 .. 2026-11-23T00:00'],
    ['the day before yesterday', '2026-11-21T00:00 .. 2026-11-22T00:00'],
    ['2 days ago', '2026-11-21T00:00 .. 2026-11-22T00:00'],
    ['yesterday evening', '2026-11-22T17:00 .. 2026-11-23T00:00'],
    ['this morning', '2026-11-23T04:00 .. 2026-11-23T12:00'],
    ['last night', '2026-11-22T20:00 .. 2026-11-23T06:00'],
    ['on the morning of June 14', '2026-06-14T04:00 .. 2026-06-14T12:00'],
    ['on Monday', `2026-11-23T00:00 .. ${untilNow}`],
    ['last Monday', '2026-11-16T00:00 .. 2026-11-17T00:00'],
    ['on Sunday', '2026-11-22T00:00 .. 2026-11-23T00:00'],
    ['last week', '2026-11-16T00:00 .. 2026-11-23T00:00'],
    ['this week', `2026-11-23T00:00 .. ${untilNow}`],
    ['last month', '2026-10-01T00:00 .. 2026-11-01T00:00'],
    ['on 2015-10-18', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['on Oct 18 2015', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['on 18th of October 2015', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['10/18/2015', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['18/10/2015', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['18.10.2015', '2015-10-18T00:00 .. 2015-10-19T00:00'],
    ['June 14', '2026-06-14T00:00 .. 2026-06-15T00:00'],
    ['June 14-16', '2026-06-14T00:00 .. 2026-06-17T00:00'],
    ['on Dec 24', '2025-12-24T00:00 .. 2025-12-25T00:00'],
    ['on Feb 29', '2024-02-29T00:00 .. 2024-03-01T00:00'],
    ['in July 2015', '2015-07-01T00:00 .. 2015-08-01T00:00'],
    ['in December', '2025-12-01T00:00 .. 2026-01-01T00:00'],
    ['in 2015', '2015-01-01T00:00 .. 2016-01-01T00:00'],
    ['tomorrow', '2026-11-24T00:00 .. 2026-11-25T00:00'],
    ['compare today with yesterday', `2026-11-22T00:00 .. ${untilNow}`],
    // Open below.
    ['before 14:00', '2026-11-22T14:00 .. 2026-11-23T14:00'],
    ['before 14:00 yesterday', '2026-11-22T00:00 .. 2026-11-22T14:00'],
    ['before 2015-10-18', '* .. 2015-10-18T00:00'],
    ['until 2015-10-18', '* .. 2015-10-19T00:00'],
  ])('%s', (question, expected) => {
    expect(told(question)).toBe(expected)
  })
})

describe('what is no time', () => {
  test.each([
    'error 500',
    'version 2.3',
    'upgrade to 2.3.10',
    'connection to 10.10.34.11:3888',
    'top 5 errors',
    'restarted 3 times',
    'why was blk_1 deleted',
    'req-38101a0b-2096-447d-96ea-a692162415ae',
    'it may have failed',
    'the second march',
    'may 3 requests fail?',
    'sat on the bus',
    'sun.misc.Unsafe',
    'what is happening right now?',
    'the last 5 errors',
    'retried within 5 minutes',
    'took more than 30 seconds',
    'every 5 minutes',
    'order-1234 at 25:00',
    '2015-13-45',
    'the last hour before the crash',
    'since the last deploy',
    '"at 14:32" in payments',
    'nova-api.log.1.2017-05-16_13:53:08',
    '00:1b:44:11:3a:b7',
    'at Foo.java:10:25',
    'line 10:25 of the config',
    'port 14:32',
    'in 2015 attempts',
    'order 2015-10',
    'pid 1015',
  ])('%s', (question) => {
    expect(parse(question)).toEqual({ range: null, rest: question })
  })
})

describe('in other zones', () => {
  test.each([
    ['around 14:32', 'Europe/Berlin', '2026-11-23T13:22 .. 2026-11-23T13:42'],
    ['today', 'America/New_York', `2026-11-23T05:00 .. ${untilNow}`],
    ['yesterday', 'Asia/Kolkata', '2026-11-22T18:30 .. 2026-11-23T18:30'],
    // The clock goes forward: the day has 23 hours, 02:30 is 03:30.
    ['on 2026-03-29', 'Europe/Berlin', '2026-03-28T23:00 .. 2026-03-29T22:00'],
    ['at 02:30 on 2026-03-29', 'Europe/Berlin', '2026-03-29T01:25 .. 2026-03-29T01:35'],
    [
      'on 2026-03-08 between 01:30 and 03:30',
      'America/New_York',
      '2026-03-08T06:30 .. 2026-03-08T07:30',
    ],
    // It goes back: the day has 25 hours, 02:30 is there twice and both are meant.
    ['on 2026-10-25', 'Europe/Berlin', '2026-10-24T22:00 .. 2026-10-25T23:00'],
    ['at 02:30 on 2026-10-25', 'Europe/Berlin', '2026-10-25T00:25 .. 2026-10-25T01:35'],
    [
      'on 2026-11-01 between 01:00 and 02:00',
      'America/New_York',
      '2026-11-01T05:00 .. 2026-11-01T07:00',
    ],
    // A stamp with its own zone does not care where it is asked.
    ['at 2015-10-18T18:01:47Z', 'America/New_York', '2015-10-18T18:00:47 .. 2015-10-18T18:02:47'],
    ['at 14:32 UTC', 'Asia/Tokyo', '2026-11-23T14:27 .. 2026-11-23T14:37'],
  ])('%s in %s', (question, timeZone, expected) => {
    expect(told(question, timeZone)).toBe(expected)
  })

  test('days ago are counted by the calendar over a change of the clock', () => {
    const monday = new Date('2026-10-26T12:00:00Z')
    expect(told('last 2 days', 'Europe/Berlin', monday)).toBe(
      '2026-10-24T11:00 .. 2026-10-26T12:01',
    )
    expect(told('last 48 hours', 'Europe/Berlin', monday)).toBe(
      '2026-10-24T12:00 .. 2026-10-26T12:01',
    )
  })

  test('a clock time is the latest that is not in the future, on the asker’s wall', () => {
    const justAfterMidnight = new Date('2026-11-23T23:10:00Z') // 00:10 in Berlin
    expect(told('at 23:50', 'Europe/Berlin', justAfterMidnight)).toBe(
      '2026-11-23T22:45 .. 2026-11-23T22:55',
    )
    expect(told('at 00:05', 'Europe/Berlin', justAfterMidnight)).toBe(
      '2026-11-23T23:00 .. 2026-11-23T23:10',
    )
  })
})

describe('what is left of the question', () => {
  test.each([
    ['what failed in the last 30 minutes?', 'what failed?', 'in the last 30 minutes'],
    ['in the past 2 hours, what failed?', 'what failed?', 'in the past 2 hours'],
    ['Why did payments fail around 14:32?', 'Why did payments fail?', 'around 14:32'],
    ['errors since 14:00 on checkout', 'errors on checkout', 'since 14:00'],
    [
      'on 2015-10-18 what failed between 18:01 and 18:05?',
      'what failed?',
      'on 2015-10-18, between 18:01 and 18:05',
    ],
    ["yesterday's warnings", 'warnings', "yesterday's"],
    ['port 443 at 3pm', 'port 443', 'at 3pm'],
  ])('%s', (question, rest, text) => {
    const parsed = parse(question)
    expect(parsed.rest).toBe(rest)
    expect(parsed.range?.text).toBe(text)
  })

  test('the label says what was made of the words', () => {
    expect(parse('around 14:32').range?.label).toBe('around 14:32 (± 10 min)')
    expect(parse('at  14:32').range?.label).toBe('at 14:32 (± 5 min)')
    expect(parse('before 14:00').range?.label).toBe('before 14:00 (the 24 hours up to it)')
    expect(parse('just after 14:32').range?.label).toBe('just after 14:32 (15 min)')
    expect(parse('last week').range?.label).toBe('last week')
  })
})

describe('what is refused', () => {
  test.each(['from 2015-10-18 to 2015-10-17', 'since 2030-01-01', 'after tomorrow'])(
    '%s',
    (question) => {
      expect(() => parse(question)).toThrow(
        expect.objectContaining({
          code: 'invalid_argument',
          message: expect.stringContaining(question),
        }),
      )
    },
  )

  test('an unknown time zone', () => {
    expect(() => parse('today', 'Mars/Olympus')).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})

test('questions that repeat themselves are read in a moment', () => {
  for (const piece of [
    '14:00 ',
    'last 3 ',
    'between ',
    '1:',
    '"',
    "'",
    'the ',
    'half an ',
    '2015-10-',
    'at ',
  ])
    expect(() => parse(piece.repeat(2000 / piece.length))).not.toThrow()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyAnswer } from '../../src/query/verify-answer.ts'
import { at, evidenceOf, incident, item, planOf } from './evidence-factory.ts'

const shop = incident()
const sshd = item({
  service: 'sshd',
  host: 'combo',
  pod: 'sshd-7f9c-x2x4z',
  traceId: 'f00931c1b24b010b60756ec6fc4d2871',
  text: 'sshd(pam_unix)[19939]: authentication failure; rhost=218.188.2.4 user=root time: 0.2477829 "POST /v2/login HTTP/1.1"',
  at: new Date('2015-10-18T18:01:47.978Z'),
})
const evidence = evidenceOf({
  items: [shop.failed, shop.diskFull, sshd],
  timeline: [shop.volume],
  total: 2078,
  identifiers: [{ value: 'ORD-489357', events: 14 }],
})
const plan = planOf('Why did payments fail in the last 30 minutes?')
const verify = (text: string) => verifyAnswer(text, evidence, plan)
const parts = (text: string) => verify(text).struck.map((one) => one.part)

describe('what stands in the cited line is kept', () => {
  test.each([
    'Payments failed 437 times [1].',
    'Order ORD-489357 failed [1].',
    'Order 489357 failed [1].',
    'Order "ORD-489357" failed at 15:20:13 [1], in UTC 14:20:13.',
    'It began at 15:20 CET [1] and ended at 3:31:59 pm [1].',
    'It began at 2026-11-23T14:20:13Z [1].',
    'It began on Nov 23, 2026 [1].',
    'The message was "No space left on device" [2].',
    'The message was “could not extend file … No space left on device” [2].',
    'The message was `could not extend file` [2].',
    'file base/16384/2608 [2]',
    'sshd(pam_unix)[19939] saw a failure from 218.188.2.4 [3]',
    'on Oct 18 2015 at 18:01:47.978 [3]',
    '18 October 2015 [3]',
    '2015-10-18 18:01:47,978 UTC [3]',
    'user=root on pod sshd-7f9c-x2x4z, trace f00931c1b24b010b60756ec6fc4d2871 [3]',
    'It took 0.2477829 s for /v2/login [3].',
    'Two lines say so [1][2], that is 2 of them.',
    '**437** payments failed [1].',
    'It failed 437 times [1, 2].',
    'It failed 437 times. [1] Then the disk "base/16384/2608" was full. [2]',
    'Searched 20,123 events of the last 30 minutes, 2078 found, from 15:05:00 to 15:39:58.',
    'ORD-489357 is in 14 events.',
    'The volume was above 80% [4].',
    'The 1st failure [1]',
    '1. payments failed [1]\n2. the disk was full [2]',
    'Nothing to prove here.',
    '',
  ])('%s', (text) => {
    expect(verify(text)).toMatchObject({ text, struck: [] })
  })
})

describe('what does not is struck', () => {
  test.each([
    ['Payments failed 438 times [1].', '438'],
    ['Payments failed 437 times [2].', '437'],
    ['Payments failed 3,999 times.', '3,999'],
    ['Order ORD-489358 failed [1].', 'ORD-489358'],
    ['It came from 218.188.2.5 [3].', '218.188.2.5'],
    ['It came from host db-7.internal [2].', 'db-7.internal'],
    ['The database db.internal said no [2].', 'db.internal'],
    ['It was in /var/lib/mysql [2].', '/var/lib/mysql'],
    ['It said "disk is broken" [2].', '"disk is broken"'],
    ['It said “Payment failed” [2].', '“Payment failed”'],
    ['It was at 15:20:14 [1].', '15:20:14'],
    ['It was at 16:20 [1].', '16:20'],
    ['It was on 2026-11-24 [1].', '2026-11-24'],
    ['It was on Nov 24 [1].', '24'],
    ['It lasted 12 minutes [1].', '12'],
    ['About 90% of payments failed [1].', '90%'],
    ['user=alice [3]', 'user=alice'],
  ])('%s', (text, part) => {
    const verified = verify(text)
    expect(verified.struck).toEqual([{ part, reason: 'not_in_evidence' }])
    expect(verified.text).toBe(
      `${text.replace(part, () => `~~${part}~~`)}\n\nStruck, as no record proves it: ${part} (not in the lines cited).`,
    )
  })
})

describe('citations', () => {
  test('of a line that is not there are taken out, and the sentence that has no other is struck', () => {
    const { text, struck, citations } = verify(
      'Payments failed [1][99]. The moon is full [7]. Disk full [2].',
    )
    expect(text.split('\n')[0]).toBe('Payments failed [1]. ~~The moon is full .~~ Disk full [2].')
    expect(struck).toEqual([
      { part: '[99]', reason: 'unknown_citation' },
      { part: '[7]', reason: 'unknown_citation' },
    ])
    expect(text).toMatch(
      /Struck, as no record proves it: \[99\] \(no such line\), \[7\] \(no such line\)\.$/,
    )
    expect(citations).toEqual([1, 2])
  })

  test.each([
    ['[1, 2]', [1, 2]],
    ['[1-3]', [1, 2, 3]],
    ['[2][1]', [1, 2]],
    ['[0]', []],
    ['[1, 99]', [1]],
    ['[4]', [4]],
    ['none', []],
  ])('%s', (marker, numbers) => {
    expect(verify(`It failed ${marker}`).citations).toEqual(numbers)
  })

  test('inside a quotation and behind a name are text', () => {
    expect(verify('It said "sshd(pam_unix)[19939]" [3].').struck).toEqual([])
    expect(verify('The process sshd[19939] [3].').struck).toEqual([])
    expect(parts('The process sshd[20000] [3].')).toEqual(['20000]'])
  })
})

test('a sentence is checked against the lines that it cites, not those of its neighbours', () => {
  expect(parts('Payments failed 437 times [1]. The disk failed 437 times [2].')).toEqual(['437'])
})

test('with no evidence, every number is struck', () => {
  const { struck } = verifyAnswer('It failed 12 times [1].', evidenceOf({}), plan)
  expect(struck.map((one) => one.part)).toEqual(['[1]'])
  expect(
    verifyAnswer('It failed 12 times.', evidenceOf({}), plan).struck.map((one) => one.part),
  ).toEqual(['12'])
})

test('counts of groups, with the times of their first and last event, are proved', () => {
  const count = {
    exact: 449,
    of: 'filters' as const,
    words: [],
    groups: [
      {
        patternId: 1,
        service: 'mail',
        severity: 17,
        template: 'bounce <*>',
        count: 12,
        first: at('11:11:11'),
        last: at('12:12:12'),
        item: -1,
      },
    ],
  }
  const text = 'There are 449 events, 12 of mail, from 12:11:11 to 13:12:12.'
  expect(verifyAnswer(text, evidenceOf({ count }), plan).struck).toEqual([])
})

test('any text comes back with its words: only marks are added, and markers taken out', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'a',
          '1',
          ' ',
          '[',
          ']',
          '"',
          '“',
          '”',
          '`',
          '.',
          ',',
          '\n',
          ':',
          '-',
          '~',
          '$&',
          'ORD-489357',
        ),
      }),
      (text) => {
        const { text: checked, struck } = verify(text)
        const body = struck.length > 0 ? checked.slice(0, checked.lastIndexOf('\n\n')) : checked
        const bare = (value: string) =>
          value.replace(/[~\s]/g, '').replace(/\[\d{1,4}(?:[,–-]\d{1,4}){0,20}\]/g, '')
        expect(bare(body)).toBe(bare(text))
      },
    ),
    { numRuns: 500 },
  )
})

test('long texts of quotation marks, brackets and digits are read through', () => {
  for (const piece of ['“', '"', '`', '[', '[1]', '1,', '1.', '~', '. ', '[1', 'a.b', '-1'])
    expect(() => verify(piece.repeat(200_000 / piece.length))).not.toThrow()
})

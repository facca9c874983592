import { describe, expect, test } from 'vitest'
import { citableItems } from '../../src/query/evidence-types.ts'
import { extractiveAnswer } from '../../src/query/extractive-answer.ts'
import { verifyAnswer } from '../../src/query/verify-answer.ts'
import { at, evidenceOf, incident, item, planOf } from './evidence-factory.ts'

const shop = incident()

/** The answer's lines, the closing one apart. */
const answer = (question: string, values: Parameters<typeof evidenceOf>[0], timeZone?: string) => {
  const evidence = evidenceOf(values)
  const plan = planOf(question, timeZone)
  const draft = extractiveAnswer({ plan, evidence })
  const [text = '', searched = ''] = draft.text.split('\n\n')
  return { ...draft, plan, evidence, text, searched, lines: text.split('\n') }
}

describe('what was asked to be found', () => {
  const items = [shop.failed, shop.retried, { ...shop.failed, score: 0.4 }]

  test('is the best line, with time, service, severity and citation, then one line a pattern', () => {
    const { lines, found, citations } = answer('payments failing', { items })
    expect(lines).toEqual([
      'payments, 15:20:13 CET, ERROR: “Payment failed for order ORD-489357: could not record the authorization” [1], 437 times from 15:20:01 to 15:31:59.',
      '- checkout, 15:20:14, WARN: “retrying payment of order ORD-489357, attempt 2” [2], 1,204 times from 15:20:02 to 15:32:00',
    ])
    expect(found).toBe(true)
    expect(citations).toEqual([1, 2])
  })

  test('comes with what was searched and how much is shown', () => {
    const { searched } = answer('timeouts in checkout since 14:00', {
      items,
      searched: { events: 3204, unindexed: 1200, streams: ['logs'] },
    })
    expect(searched).toBe(
      'Searched: 3,204 events of checkout since 14:00:00 CET (“since 14:00”); shown 2 of 2,078 found.' +
        ' 1,200 records are in the log but not indexed yet, so not searched.',
    )
  })

  test('a line with the quoted words comes before a better one without', () => {
    const exact = item({ text: 'upstream said: connection refused', score: 0.3 })
    const { lines } = answer('"connection refused"', { items: [shop.failed, exact] })
    expect(lines[0]).toContain('connection refused” [2]')
  })

  test('times of another day have their date, times of another zone their zone', () => {
    const old = item({ text: 'Created MRAppMaster', at: new Date('2015-10-18T18:01:47Z') })
    expect(answer('MRAppMaster', { items: [old] }, 'UTC').lines[0]).toContain(
      'payments, 2015-10-18 18:01:47 UTC, ERROR',
    )
    expect(answer('MRAppMaster', { items: [old] }, 'America/New_York').lines[0]).toContain(
      '2015-10-18 14:01:47 EDT',
    )
  })

  test('a long line is cut at a word, a line of several is made one', () => {
    const long = item({ text: `Trace\n\tat ${'word '.repeat(200)}` })
    const [line = ''] = answer('trace', { items: [long] }).lines
    expect(line.length).toBeLessThan(360)
    expect(line).toMatch(/“Trace at word .* word…” \[1\]\.$/)
  })
})

describe('a number', () => {
  const count = {
    exact: 449,
    of: 'all_words' as const,
    words: ['payment', 'failed'],
    groups: [
      {
        patternId: 904,
        service: 'payments',
        severity: 17,
        template: 'Payment failed for order <*>',
        count: 437,
        first: at('14:20:01'),
        last: at('14:31:59'),
        item: 0,
      },
    ],
  }

  test('is said first, with what was counted and where; then its parts', () => {
    const { lines, citations } = answer('How many payments failed in the last hour?', {
      items: [shop.failed],
      count,
    })
    expect(lines).toEqual([
      '449 events with “payment” and “failed” since 14:40:00 CET; the first of the largest patterns at 15:20:01, the last at 15:31:59 CET.',
      '- 437 × payments, ERROR: “Payment failed for order ORD-489357: could not record the authorization” [1]',
      '- 12 of other patterns',
    ])
    expect(citations).toEqual([1])
  })

  test('without words counts what is inside the filters', () => {
    const { lines } = answer('how many errors in payments?', {
      items: [shop.failed],
      count: { ...count, exact: 437, of: 'filters', words: [] },
    })
    expect(lines[0]).toBe(
      '437 events of payments at ERROR or above in all that is indexed; the first at 15:20:01, the last at 15:31:59 CET.',
    )
  })

  test('of the nearest pattern says that it is that', () => {
    const { lines } = answer('how many payments exploded?', {
      items: [shop.failed],
      count: { ...count, exact: 437, of: 'pattern', words: ['payments', 'exploded'] },
    })
    expect(lines[0]).toBe(
      'No line has all of “payments” and “exploded”; the nearest pattern occurs 437 times in all that is indexed.',
    )
  })

  test('of the most frequent is a numbered list', () => {
    const { lines } = answer('top 3 errors', {
      items: [shop.failed],
      count: { ...count, exact: 437, of: 'filters', words: [] },
    })
    expect(lines.slice(0, 3)).toEqual([
      '437 events at ERROR or above in all that is indexed.',
      'The most frequent:',
      expect.stringMatching(/^1\. 437 × payments, ERROR: “Payment failed.*\[1\]$/),
    ])
  })

  test('over time is the first and the last, and the parts as they began', () => {
    const { lines } = answer('when did payments start failing?', {
      items: [shop.failed, shop.diskFull],
      count: {
        ...count,
        exact: 649,
        words: ['failing'],
        groups: [
          ...count.groups,
          {
            ...count.groups[0],
            template: '',
            count: 212,
            patternId: 903,
            service: 'orders-db',
            severity: 17,
            first: at('14:19:01'),
            last: at('14:31:58'),
            item: 1,
          },
        ],
      },
    })
    expect(lines[0]).toBe(
      'The first is at 15:19:01, the last at 15:31:59 CET: 649 events with “failing” of payments in all that is indexed.',
    )
    expect(lines[1]).toMatch(/^- 212 × orders-db.*\[2\], 212 times from 15:19:01 to 15:31:58$/)
  })
})

describe('a cause', () => {
  const blip = item({
    service: 'inventory',
    severity: 17,
    text: 'lookup catalog.internal: no such host',
    at: at('14:13:30'),
    first: at('14:13:30'),
    last: at('14:14:10'),
    count: 31,
    patternId: 906,
  })

  test('is never claimed: the symptom asked about, then what began before it and after it', () => {
    const { lines, citations, text } = answer('Why did payments fail around 15:25?', {
      items: [shop.failed],
      timeline: [blip, shop.volume, shop.diskFull, shop.failed, shop.retried],
    })
    expect(lines[0]).toBe(
      'Asked about: payments, 15:20:13 CET, ERROR: “Payment failed for order ORD-489357: could not record the authorization” [1], 437 times from 15:20:01 to 15:31:59.',
    )
    expect(lines[1]).toBe('Began before it, in the order in which it did (order is not cause):')
    expect(lines[5]).toBe('Began with it or after it:')
    const cited = lines.slice(2).map((line) => /\[(\d)\]/.exec(line)?.[1])
    expect(cited).toEqual(['3', '2', '4', undefined, '5'])
    expect(citations).toEqual([1, 2, 3, 4, 5])
    expect(text).not.toMatch(/because|caused/i)
  })

  test('is called related only with a thread to the symptom, or shortly before it', () => {
    const told = (values: Partial<Parameters<typeof item>[0]>) => {
      const first = at('14:10:00')
      const other = item({
        service: 'inventory',
        text: 'low stock',
        first,
        last: at('14:30:00'),
        ...values,
      })
      return answer('Why did payments fail?', {
        items: [{ ...shop.failed, traceId: 'f00931c1' }],
        timeline: [other],
      }).lines[2]
    }
    expect(told({})).not.toContain('related')
    expect(told({ traceId: 'f00931c1' })).toMatch(/, related: same trace$/)
    expect(told({ text: 'no stock for ORD-489357' })).toMatch(/, related: both hold ORD-489357$/)
    expect(told({ service: 'payments' })).toMatch(/, related: same service$/)
    expect(told({ first: at('14:19:01') })).toMatch(/, related in time: shortly before it$/)
    expect(told({ last: at('14:10:10') })).toMatch(/, over before it$/)
  })

  test('of which nothing began is the symptom itself', () => {
    const { lines, found } = answer('Why did payments fail?', { items: [shop.failed] })
    expect(lines).toEqual([expect.stringMatching(/^Asked about: payments.*\[1\]/)])
    expect(found).toBe(true)
  })
})

describe('one thing', () => {
  test('is told at every place it occurs, by time, however similar the lines', () => {
    const places = [
      item({ text: 'Payment failed for ORD-489357', at: at('14:20:13'), patternId: 1 }),
      item({
        text: 'order placed ORD-489357',
        at: at('14:20:01'),
        service: 'checkout',
        severity: 9,
        patternId: 2,
      }),
      item({ text: 'Payment failed for ORD-489357', at: at('14:20:15'), patternId: 1 }),
    ].map((one) => ({
      ...one,
      legs: { vector: null, meaning: null, lexical: null, identifier: 1 },
    }))
    const { lines, found } = answer('What happened to order ORD-489357?', {
      items: places,
      identifiers: [{ value: 'ORD-489357', events: 3 }],
    })
    expect(lines).toEqual([
      'ORD-489357 is in 3 events of checkout, payments, 15:20:01 to 15:20:15 CET:',
      '- checkout, 15:20:01, INFO: “order placed ORD-489357” [2]',
      '- payments, 15:20:13, ERROR: “Payment failed for ORD-489357” [1]',
      '- payments, 15:20:15, ERROR: “Payment failed for ORD-489357” [3]',
    ])
    expect(found).toBe(true)
  })

  test('of two, the unknown one is said to be unknown', () => {
    const { lines } = answer('ORD-489357 and ORD-1', {
      items: [
        { ...shop.failed, legs: { vector: null, meaning: null, lexical: null, identifier: 1 } },
      ],
      identifiers: [
        { value: 'ORD-489357', events: 1 },
        { value: 'ORD-1', events: 0 },
      ],
    })
    expect(lines.at(-1)).toBe('“ORD-1” is in none of the events searched.')
  })

  test('that a line shows is known, even where no term is indexed for it', () => {
    const { found } = answer('order ORD-489357', {
      items: [shop.failed],
      identifiers: [{ value: 'ORD-489357', events: 0 }],
    })
    expect(found).toBe(true)
  })
})

describe('what happened around a time', () => {
  test('is the gravest first, what is new before what is not', () => {
    const usual = item({
      service: 'checkout',
      severity: 17,
      text: 'cart not found',
      count: 9000,
      patternId: 907,
    })
    const { lines } = answer('what happened around 15:20?', {
      items: [usual, shop.retried],
      timeline: [shop.diskFull],
    })
    expect(lines[0]).toMatch(
      /^What stands out: orders-db, 15:19:01 CET, ERROR.*\[3\].*, new in this time\.$/,
    )
    expect(lines[1]).toMatch(
      /^- checkout, .*cart not found” \[1\]$|cart not found” \[1\], 9,000 times/,
    )
    expect(lines[2]).toMatch(/retrying payment/)
  })

  test('where nothing is grave says so', () => {
    const calm = item({ severity: 9, text: 'order placed' })
    expect(answer('what happened around 15:20?', { items: [calm] }).lines[0]).toMatch(
      /^No warning or error stands out; what fits best: payments/,
    )
  })
})

describe('which errors began', () => {
  test('is told by beginning, the earliest first', () => {
    const { lines } = answer('which errors began around 15:20?', {
      items: [shop.retried],
      timeline: [shop.failed, shop.diskFull],
    })
    expect(lines[0]).toMatch(/^The first to begin: orders-db, 15:19:01 CET/)
    expect(lines[1]).toMatch(/^- payments.*, new in this time$/)
  })

  test('where none did, says so and shows what there is', () => {
    expect(answer('which errors began around 15:20?', { items: [shop.failed] }).lines[0]).toMatch(
      /^Nothing is new in this time; what stands out: payments/,
    )
  })
})

describe('nothing found', () => {
  test('because nothing was ever ingested', () => {
    const { text, found } = answer('errors', {
      searched: { events: 0, oldest: null, newest: null },
    })
    expect(text).toBe('Nothing has been ingested yet, so there is nothing to search.')
    expect(found).toBe(false)
  })

  test('because nothing is indexed yet', () => {
    const { text } = answer('errors', {
      searched: { events: 0, oldest: null, newest: null, unindexed: 20_000 },
    })
    expect(text).toBe('Nothing is indexed yet: 20,000 records of the log wait to be.')
  })

  test('because nothing was ingested in the window: what there is instead', () => {
    const { text, found, citations } = answer('what failed yesterday?', {
      searched: { events: 0, unindexed: 1 },
    })
    expect(text).toBe(
      'Nothing was ingested between 2026-11-22 00:00:00 and 2026-11-23 00:00:00 CET. ' +
        'Indexed are events from 15:05:00 to 15:39:58 CET. ' +
        '1 record is in the log but not indexed yet, so not searched.',
    )
    expect(found).toBe(false)
    expect(citations).toEqual([])
  })

  test('because the filters let nothing through', () => {
    const { text } = answer('errors in inventory in the last hour', { searched: { events: 0 } })
    expect(text).toBe(
      'There is no event of inventory at ERROR or above since 14:40:00 CET. Indexed are events from 15:05:00 to 15:39:58 CET.',
    )
  })

  test('because there is no such event: how many were looked through, for what', () => {
    const { text } = answer('solar flares in the last hour', {})
    expect(text).toBe(
      'No event about “solar” and “flares” was found. Looked through 20,123 events since 14:40:00 CET. They run from 15:05:00 to 15:39:58 CET.',
    )
  })

  test('because the identifier is unknown', () => {
    const { text, found } = answer('what happened to order ORD-999999?', {
      items: [shop.failed],
      identifiers: [{ value: 'ORD-999999', events: 0 }],
    })
    expect(text).toBe(
      '“ORD-999999” is in none of the 20,123 events in all that is indexed. They run from 15:05:00 to 15:39:58 CET.',
    )
    expect(found).toBe(false)
  })

  test('because it did not happen: no line has the word, the nearest say something else', () => {
    const { lines, found } = answer('Did a deadlock happen in orders-db?', {
      items: [shop.diskFull],
    })
    expect(lines).toEqual([
      'No event with “deadlock” was found among the 20,123 events of orders-db in all that is indexed.',
      'The nearest in meaning say something else:',
      expect.stringMatching(/^- orders-db, .*No space left on device” \[1\]$/),
    ])
    expect(found).toBe(false)
  })

  test('is not said of a line that has the word in another form, or the same meaning', () => {
    const expiring = item({ text: 'certificate expires in 6 days' })
    expect(answer('Are there certificates expiring?', { items: [expiring] }).found).toBe(true)
    const near = item({
      text: 'oom-killer invoked',
      legs: { vector: 0.7, meaning: null, lexical: null, identifier: null },
    })
    expect(answer('Was memory exhausted?', { items: [near] }).found).toBe(true)
  })

  test('is not said of an error where it is asked whether anything failed; of a warning it is', () => {
    const error = item({ text: 'could not save order 48213', severity: 17 })
    expect(answer('Did anything fail?', { items: [error] }).found).toBe(true)
    expect(answer('Did the backup fail?', { items: [error] }).found).toBe(false)
    const warning = item({ text: 'retrying', severity: 13 })
    expect(answer('Did anything fail?', { items: [warning] }).found).toBe(false)
  })

  test('to count, while lines come near: they are cited, and nothing is claimed of them', () => {
    const { lines, found, citations, searched } = answer('how many disk meltdowns?', {
      items: [shop.diskFull, shop.failed],
    })
    expect(lines).toEqual([
      'No line has all of “disk” and “meltdowns” among the 20,123 events in all that is indexed.',
      'The nearest lines, which may or may not be meant:',
      expect.stringMatching(/^- orders-db, .*No space left on device” \[1\]/),
      expect.stringMatching(/^- payments, .*\[2\]/),
    ])
    expect(found).toBe(false)
    expect(citations).toEqual([1, 2])
    expect(searched).toMatch(/^Searched: /)
  })

  test('to count', () => {
    expect(answer('how many solar flares?', { items: [] }).text).toMatch(
      /^No event about “solar” and “flares”/,
    )
  })
})

test('what an extract says is proved by its evidence, but for how many lines it shows', () => {
  const questions = ['payments failing', 'Why did payments fail?', 'what happened around 15:20?']
  for (const question of questions) {
    const items = [shop.failed, shop.retried]
    const timeline = [shop.walSender, shop.volume, shop.diskFull, shop.failed]
    const { text, evidence, plan, citations } = answer(question, { items, timeline })
    expect(verifyAnswer(text, evidence, plan)).toEqual({ text, struck: [], citations })
    expect(citations.every((n) => n <= citableItems(evidence).length)).toBe(true)
  }
})

test('the same evidence gives the same answer', () => {
  const values = { items: [shop.failed, shop.retried], timeline: [shop.diskFull] }
  expect(answer('why did it fail?', values).text).toBe(answer('why did it fail?', values).text)
})

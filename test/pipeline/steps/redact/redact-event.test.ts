import { expect, test } from 'vitest'
import { redactEvent } from '../../../../src/pipeline/steps/redact/redact-event.ts'
import { parse } from '../parse/parse-line.ts'
import { secretLines } from './secret-lines.ts'

test('an event loses its secrets, in body and attributes, and keeps its names, ids and marks', () => {
  const parsed = parse({
    level: 'error',
    time: 1709622489123,
    msg: 'login of bob@example.com failed',
    service: 'token-service',
    hostname: 'password-host',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    password: 'hunter2',
    request: { url: 'https://x.example/?token=abcdef123', id: 'r-1' },
  })
  const { event, counts } = redactEvent(parsed)
  expect(event).toEqual({
    ...parsed,
    body: expect.stringMatching(/^login of <email:\w{6}> failed$/),
    attributes: {
      password: expect.stringMatching(/^<password:\w{6}>$/),
      request: { url: expect.stringMatching(/\?token=<secret:\w{6}>$/), id: 'r-1' },
    },
  })
  expect(counts).toEqual({ email: 1, password: 1, secret: 1 })
  expect(parsed.attributes.password).toBe('hunter2')
})

test('an event without secrets is returned itself', () => {
  const parsed = parse({ msg: 'order 1001 was placed', service: 'shop', items: [1, 'two'] })
  expect(redactEvent(parsed)).toEqual({ event: parsed, counts: {} })
  expect(redactEvent(parsed).event).toBe(parsed)
})

test.each(secretLines)(
  'a $rule does not survive parsing and redaction in any wrapping',
  ({ secret, line }) => {
    const records = [
      line,
      { level: 'info', msg: line },
      { log: `${line}\n`, stream: 'stdout', kubernetes: { pod_name: 'p' } },
      { level: 'info', msg: 'x', detail: { text: line } },
      { logRecord: { body: { stringValue: line } }, resource: {} },
    ]
    for (const record of records) {
      const event = JSON.stringify(redactEvent(parse(record)).event)
      expect(event).not.toContain(JSON.stringify(secret).slice(1, -1))
    }
  },
)

test('the salt reaches body and attributes', () => {
  const parsed = parse({ msg: 'password=hunter2', password: 'hunter2' })
  const [one, other] = ['a', 'b'].map((salt) => redactEvent(parsed, { salt }).event)
  expect(one?.body).not.toBe(other?.body)
  expect(one?.attributes).not.toEqual(other?.attributes)
})

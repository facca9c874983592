import { describe, expect, it } from 'vitest'
import { withoutPayload } from '../../../src/pipeline/batch/without-payload.ts'

const of = (...texts: string[]) =>
  texts.map((text) => ({ partitionKey: 'k', data: Buffer.from(text) }))

describe('withoutPayload', () => {
  it.each([
    ['plain text', 'user alice paid with card 4111111111111111'],
    ['text with letters of several bytes', 'пользователь алиса заплатила картой'],
    ['JSON with escapes', JSON.stringify({ message: 'first line\nsecond "line"\tthird' })],
  ])('replaces what a message quotes of %s', (_, text) => {
    expect(withoutPayload(`cannot digest: ${text}!`, of('other line', text))).toBe(
      'cannot digest: [record]!',
    )
  })

  it('finds what JSON had escaped', () => {
    const message = 'first line\nsecond "line"\tthird'
    expect(withoutPayload(`bad: ${message}`, of(JSON.stringify({ message })))).toBe('bad: [record]')
  })

  it.each<[string, (text: string) => string]>([
    ['in capitals', (text) => text.toUpperCase()],
    ['in base64', (text) => Buffer.from(text).toString('base64')],
    ['in base64, cut off', (text) => Buffer.from(text).toString('base64url').slice(0, 30)],
    ['in hex', (text) => Buffer.from(text).toString('hex')],
    [
      'as the bytes of a buffer',
      (text) => Buffer.from(text).toString('hex').replace(/..\B/g, '$& '),
    ],
    ['as part of a URL', (text) => encodeURIComponent(text)],
  ])('finds what a message quotes %s', (_, disguise) => {
    const text = 'Zaphod Beeblebrox / Ursa Minor & more'
    expect(withoutPayload(`no: "${disguise(text)}"`, of('other', text))).toBe('no: "[record]"')
    expect(withoutPayload(`no: "${disguise(text)}"`, of('other'))).not.toContain('[record]')
  })

  it('finds a short secret in JSON that was made a JSON string again', () => {
    const text = JSON.stringify({ a: 'b', pw: 'hunter2!' })
    expect(withoutPayload(`no: ${JSON.stringify(JSON.stringify(text))}`, of(text))).not.toContain(
      'hunter2',
    )
  })

  it('leaves a record’s number, also where the values are the records', () => {
    const records = of('some text or other').map((record) => ({
      ...record,
      sequence: 252100604933n,
    }))
    const message = 'cannot read record 252100604933: [record]'
    expect(
      withoutPayload(message.replace('[record]', 'some text or other'), records, records),
    ).toBe(message)
  })

  it('leaves the message as it is where it quotes nothing', () => {
    const message = 'expected a number in TransactionalIdentifiers_0123456789abcdef, got TEXT 100%'
    expect(withoutPayload(message, of('{"a": 1}', ''))).toBe(message)
    expect(withoutPayload('', of('x'))).toBe('')
  })

  it('costs one pass, also where message and record repeat the same run', () => {
    expect(withoutPayload('x'.repeat(1_000), of('x'.repeat(5_000_000)))).toBe('[record]')
  }, 20_000)
})

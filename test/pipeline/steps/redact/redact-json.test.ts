import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactJson } from '../../../../src/pipeline/steps/redact/redact-json.ts'
import { isSecretKey } from '../../../../src/pipeline/steps/redact/secret-keys.ts'
import { secretLines } from './secret-lines.ts'

describe('a key', () => {
  test.each(
    'password db_password userPassword PASSWD pwd passphrase secret clientSecret token access_token authToken X-Api-Key apiKey api_key secretAccessKey private_key Authorization proxy-authorization cookie cookies Set-Cookie credentials otp cvv jwt'.split(
      ' ',
    ),
  )('%s names a secret', (key) => expect(isSecretKey(key)).toBe(true))

  test.each(
    'user tokens max_tokens token_type password_reset passed key keyId primaryKey monkey path bypass compass secretary author cookieConsent host id tokenizer desktop'.split(
      ' ',
    ),
  )('%s does not', (key) => expect(isSecretKey(key)).toBe(false))
})

describe('redactJson', () => {
  test('gives back what has no secret as it is, beside what has one', () => {
    const clean = { list: [1, { deep: 'plain words' }], none: null, 'key name': true }
    expect(redactJson(clean).value).toBe(clean)
    const mixed = { first: 1, clean, list: ['x', 'a@example.com'], last: clean.list }
    const { value } = redactJson(mixed) as { value: typeof mixed }
    expect(value).toEqual({ ...mixed, list: ['x', expect.stringMatching(/^<email:\w{6}>$/)] })
    expect(value.clean).toBe(clean)
    expect(Object.keys(value)).toEqual(Object.keys(mixed))
    expect(mixed.list).toEqual(['x', 'a@example.com'])
  })

  test('gives back no object that may show more than its keys', () => {
    class Hidden {
      seen = 'x'
      toJSON() {
        return 'a@example.com'
      }
    }
    expect(redactJson({ a: new Hidden(), at: new Date(0) }).value).toEqual({
      a: { seen: 'x' },
      at: {},
    })
  })

  test('takes out all that stands under a secret key, numbers too, and nothing else', () => {
    const { value, counts } = redactJson({
      user: { name: 'bob', password: 1234, pin: 5 },
      headers: { authorization: ['Bearer x', 'y'], accept: '*/*' },
      secrets: [{ a: 1 }],
      db: { credentials: { login: 'a', key: 'b' }, port: 5432, tls: true, ca: null },
    })
    expect(value).toEqual({
      user: { name: 'bob', password: expect.stringMatching(/^<password:\w{6}>$/), pin: 5 },
      headers: {
        authorization: [
          expect.stringMatching(/^<authorization:\w{6}>$/),
          expect.stringMatching(/^<authorization:\w{6}>$/),
        ],
        accept: '*/*',
      },
      secrets: [{ a: 1 }],
      db: {
        credentials: {
          login: expect.stringMatching(/^<secret:\w{6}>$/),
          key: expect.stringMatching(/^<secret:\w{6}>$/),
        },
        port: 5432,
        tls: true,
        ca: null,
      },
    })
    expect(counts).toEqual({ password: 1, authorization: 2, secret: 2 })
  })

  test('takes secrets out of any other text, and out of keys', () => {
    const { value, counts } = redactJson({ 'bob@example.com': ['see anna@example.com', 7] })
    expect(JSON.stringify(value)).toMatch(/^\{"<email:\w{6}>":\["see <email:\w{6}>",7\]\}$/)
    expect(counts).toEqual({ email: 2 })
  })

  test('tells cards from ids by their key', () => {
    const { value } = redactJson({
      pan: 4111111111111111,
      order_id: 4111111111111111,
      n: '4111111111111111',
    })
    expect(value).toEqual({
      pan: expect.stringMatching(/^<card:\w{6}>$/),
      order_id: 4111111111111111,
      n: expect.stringMatching(/^<card:\w{6}>$/),
    })
  })

  test('leaves empty, true, null and what was redacted before', () => {
    const value = { password: '', token: null, secret: true, api_key: '<secret:3fa2c1>' }
    expect(redactJson(value)).toEqual({ value, counts: {} })
  })

  test('gives the same secret the same placeholder as in a text', () => {
    const { value } = redactJson({ password: 'hunter2', line: 'password=hunter2' })
    const { password, line } = value as { password: string; line: string }
    expect(line).toBe(`password=${password}`)
  })

  test.each(secretLines)(
    'finds a secret of rule $rule as deep as it may stand',
    ({ secret, line }) => {
      const { value } = redactJson({ a: [{ b: { c: line } }] })
      expect(JSON.stringify(value)).not.toContain(JSON.stringify(secret).slice(1, -1))
    },
  )

  test('keeps the form of any value, changes none, and settles', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value)
        const once = redactJson(value).value
        expect(JSON.stringify(value)).toBe(before)
        expect(Array.isArray(once)).toBe(Array.isArray(value))
        expect(redactJson(once).value).toEqual(once)
      }),
    )
  })

  test('lets nothing pass that is too deep to be read', () => {
    let value: unknown = 'password=hunter2'
    for (let level = 0; level < 5_000; level += 1) value = { v: value }
    expect(JSON.stringify(redactJson(value).value)).not.toContain('hunter2')
  })
})

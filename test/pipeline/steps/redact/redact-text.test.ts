import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactText } from '../../../../src/pipeline/steps/redact/redact-text.ts'
import { cpuMs } from '../../../knowledge/cpu-time.ts'
import { cleanLines } from './clean-lines.ts'
import { secretLines } from './secret-lines.ts'

const longRun = 200_000

describe('a secret', () => {
  test('is seeded at least sixty times, and so are clean lines', () => {
    expect(secretLines.length).toBeGreaterThanOrEqual(60)
    expect(cleanLines.length).toBeGreaterThanOrEqual(60)
  })

  test.each(secretLines)(
    'of rule $rule is taken out and counted: $line',
    ({ rule, secret, line }) => {
      const { text, counts } = redactText(line)
      expect(line).toContain(secret.replaceAll('\n', line.includes('\\n') ? '\\n' : '\n'))
      expect(text).not.toContain(secret)
      expect(text).toMatch(new RegExp(`<${rule}:[0-9a-f]{6}>`))
      expect(counts[rule]).toBeGreaterThanOrEqual(1)
    },
  )

  test.each(secretLines)('is taken out once and for all: $line', ({ line }) => {
    const once = redactText(line).text
    expect(redactText(once)).toEqual({ text: once, counts: {} })
  })

  test('leaves what stands around it as it is', () => {
    expect(redactText('a password=hunter2 z').text).toMatch(/^a password=<password:\w{6}> z$/)
    expect(redactText('{"api_key":"k3y","n":1}').text).toMatch(
      /^\{"api_key":"<secret:\w{6}>","n":1\}$/,
    )
    expect(redactText('redis://:s3@h:1/0').text).toMatch(/^redis:\/\/:<password:\w{6}>@h:1\/0$/)
    expect(redactText('mail bob@example.com.').text).toMatch(/^mail <email:\w{6}>\.$/)
  })

  test('has the same placeholder wherever it stands, whatever its spelling', () => {
    const of = (text: string) => /<[a-z_]+:\w{6}>/.exec(redactText(text).text)?.[0]
    expect(of('to bob@example.com')).toBe(of('{"user":"BOB@Example.com"}'))
    expect(of('pan 4111 1111 1111 1111')).toBe(of('pan 4111111111111111'))
    expect(of('password=hunter2')).toBe(of('x://u:hunter2@h'))
    expect(of('password=hunter2')).not.toBe(of('password=hunter3'))
  })

  test('has another placeholder under another salt', () => {
    const line = 'password=hunter2'
    expect(redactText(line, { salt: 'a' }).text).not.toBe(redactText(line, { salt: 'b' }).text)
    expect(redactText(line, { salt: 'a' })).toEqual(redactText(line, { salt: 'a' }))
  })

  test('is found among others, each counted', () => {
    const { counts } = redactText('a@x.org b@x.org password=x1 token=abcdef123 4111 1111 1111 1111')
    expect(counts).toEqual({ email: 2, password: 1, secret: 1, card: 1 })
  })
})

describe('a clean line', () => {
  test.each(cleanLines)('stays as it is: %s', (line) => {
    expect(redactText(line)).toEqual({ text: line, counts: {} })
  })

  test('of random words and numbers below a card length stays as it is', () => {
    const word = fc.oneof(fc.stringMatching(/^[a-z]{1,9}$/), fc.integer().map(String), fc.uuid())
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const line = words.filter((item) => !/^(basic|bearer|pass|otp)$/.test(item)).join(' ')
        expect(redactText(line).text).toBe(line)
      }),
    )
  })
})

describe('redaction', () => {
  test('is total and settles at once on any text', () => {
    const fragment = fc.constantFrom(
      ...'password= " \' \\ : @ a.b eyJ -----BEGIN PRIVATE KEY----- cookie: Bearer token 4111 < > <email:3fa2c1> {'.split(
        ' ',
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string()), { maxLength: 30 }), (parts) => {
        const once = redactText(parts.join('')).text
        expect(redactText(redactText(once).text).text).toBe(redactText(once).text)
      }),
    )
  })

  test.each([
    ['letters', 'a'.repeat(longRun)],
    ['at signs', '@'.repeat(longRun)],
    ['names before an at sign that never comes right', `${'a.'.repeat(longRun / 2)}@`],
    ['dotted hosts', `x@${'a.'.repeat(longRun / 2)}1`],
    ['jwt starts', 'eyJ'.repeat(longRun / 3)],
    ['jwt starts with dots', 'eyJaaaaaaaa.'.repeat(longRun / 12)],
    ['digits', '4'.repeat(longRun)],
    ['card groups', '4111 '.repeat(longRun / 5)],
    ['keys', 'password'.repeat(longRun / 8)],
    ['keys with equals signs', 'password='.repeat(longRun / 9)],
    ['keys with open quotes', 'password="'.repeat(longRun / 10)],
    ['keys whose values are variables', 'pass=${'.repeat(longRun / 7)],
    ['flags', '--'.repeat(longRun / 2)],
    ['key openings without ends', '-----BEGIN PRIVATE KEY-----'.repeat(longRun / 27)],
    ['certificate openings', '-----BEGIN CERTIFICATE-----'.repeat(longRun / 27)],
    ['schemes', '://'.repeat(longRun / 3)],
    ['user parts', '://a:b'.repeat(longRun / 6)],
    ['authorization headers', 'authorization: '.repeat(longRun / 15)],
    ['cookies', 'cookie: a='.repeat(longRun / 10)],
    ['blanks', `token${' '.repeat(longRun)}=`],
    ['backslashes', `password="${'\\'.repeat(longRun)}`],
  ])('takes linear time on %s', (_, text) => {
    const half = text.slice(0, text.length / 2)
    redactText(half)
    const small = cpuMs(() => redactText(half))
    const large = cpuMs(() => redactText(text))
    // Twice the text: 2 when linear, 4 when quadratic. The floor keeps noise of fast runs out.
    expect(large / Math.max(small, 20)).toBeLessThan(3.5)
  })
})

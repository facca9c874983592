import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactText } from '../../../../src/pipeline/steps/redact/redact-text.ts'
import { tokenForms } from '../../../../src/pipeline/steps/redact/token-forms.ts'
import { cpuMs } from '../../../knowledge/cpu-time.ts'

const all = { ips: true, userNames: true }
const long = 1_000_000

/** Four times the text: 4 when linear, 16 when quadratic. The floor keeps the noise of fast runs out. */
function growth(unit: string, length: number): number {
  const [short, whole] = [length / 4, length].map((size) =>
    unit.repeat(Math.ceil(size / unit.length)).slice(0, size),
  ) as [string, string]
  redactText(short, all)
  const small = cpuMs(() => redactText(short, all))
  return cpuMs(() => redactText(whole, all)) / Math.max(small, 25)
}

test.each(
  [
    ...[
      'password="',
      "password='",
      'token:',
      'token=',
      'key=',
      'session=',
      'pass ',
      '--password ',
      '<password>',
    ],
    ...[
      'identified by ',
      'password\\":\\"',
      '"name":"password","value":"',
      'Authorization: Digest a="',
      'Bearer ',
    ],
    ...[
      'Cookie: a=b; ',
      'set-cookie: [',
      '-----BEGIN PRIVATE KEY-----"',
      '-----END PRIVATE KEY-----',
      'LS0tLS1CRUdJTi',
    ],
    ...[
      '://a:b',
      '://a:@',
      '%3A%2F%2Fa%3Ab',
      'a@',
      'x@a.',
      'mysql -x ',
      'curl -u a:',
      'login -p',
      'eyJaaaaaaaa.',
      'eyJ',
    ],
    ...[
      '4111 ',
      '4111-1111',
      'DE89 ',
      'DE89',
      '10.',
      '1.1.1.1',
      'a:',
      'user ',
      'for user ',
      '/home/',
      '\\\\',
      '$2b$12$',
    ],
    ...[
      'AAAAaaaaaaa:',
      '\\n',
      '\\u0022',
      '&quot;',
      'pass\u200b',
      'machine a login b password ',
      'value=',
      '","',
      '="',
    ],
  ].map((unit) => [unit]),
)('a megabyte of %j takes linear time', (unit) => {
  expect(growth(unit, long)).toBeLessThan(9)
})

test('a text of nothing but the beginnings of all tokens takes linear time', () => {
  expect(growth(tokenForms.map(([hint]) => `${hint}a1 `).join(''), long)).toBeLessThan(9)
})

test('no mixture of beginnings makes redaction slow', () => {
  const unit = fc.constantFrom(
    ...tokenForms.map(([hint]) => hint),
    ...'password= " \' \\ : @ a.b eyJ -----BEGIN authorization: cookie: Bearer token 4111 < > { [ --key -p %3D &quot; $2b$ ://'.split(
      ' ',
    ),
  )
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 6 }), (units) => {
      const text = units.join('').repeat(20_000).slice(0, 60_000)
      expect(cpuMs(() => redactText(text, all))).toBeLessThan(1_500)
    }),
    { numRuns: 20 },
  )
}, 120_000)

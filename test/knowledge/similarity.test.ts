import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import { generalise, similarity, tokenize } from '../../src/knowledge/similarity.ts'

const of = (a: string, b: string) => similarity(tokenize(a), tokenize(b))
const merged = (a: string, b: string) => generalise(tokenize(a), tokenize(b)).join(' ')

describe('tokenize', () => {
  test('parts a shape at blanks, and nothing has no tokens', () => {
    expect(tokenize('a <*> b')).toEqual(['a', '<*>', 'b'])
    expect(tokenize('')).toEqual([])
  })
})

describe('similarity', () => {
  test.each([
    ['link <*> up', 'link <*> up', 1],
    ['link <*> up', 'link up', 0],
    ['link <*> up', 'link <*> down', 0],
    ['link eth<*> up', 'link <*> up', 2.5 / 3],
    ['link eth<*> up', 'link wlan<*> up', 2.5 / 3],
    ['limit is <*>', 'limit is unlimited', 0],
    ['in state RUNNING', 'in state FAILED', 0],
    ['state=UP now', 'state=DOWN now', 0],
    ['rhost=<*> x', 'rhost= x', 0.75],
    ['from <*> (<*>) x', 'from <*> () x', 3.5 / 4],
    ['by LOGIN(uid=<*>)', 'by (uid=<*>)', 0],
    ['"GET /a', '"POST /a', 0],
    ['GET /a/b ok', 'GET /c ok', 2 / 3],
    ['got java.io.IOException: x', 'got java.net.SocketException: x', 2 / 3],
    ['table "orders" locked', 'table "users" locked', 2 / 3],
    ['class=a.b.C ok', 'class=d.e.F ok', 0.5],
    ['a.b.C', 'd.e.F', 0],
  ])('of "%s" and "%s"', (a, b, expected) => {
    expect(of(a, b)).toBeCloseTo(expected)
    expect(of(b, a)).toBeCloseTo(expected)
  })
})

describe('generalise', () => {
  test.each([
    ['link <*> up', 'link <*> up', 'link <*> up'],
    ['GET /a/b ok', 'GET /c ok', 'GET <*> ok'],
    ['link eth<*> up', 'link wlan<*> up', 'link <*> up'],
    ['rhost= x', 'rhost=<*> x', 'rhost=<*> x'],
    ['(class=a.b.C) ok', '(class=d.e.F) ok', '(class=<*>) ok'],
    ['table "orders" x', 'table "users" x', 'table <*> x'],
    ['from <*> (<*>) x', 'from <*> () x', 'from <*> <*> x'],
  ])('of "%s" and "%s" is "%s"', (a, b, expected) => expect(merged(a, b)).toBe(expected))

  const token = fc.oneof(
    fc.constantFrom(
      'state=UP',
      'state="UP"',
      'user="bob"',
      'user=bob',
      '"orders"',
      '(class=a.b.C)',
      '/var/a',
      'java.io.X:',
      '()',
      'rhost=',
      'LOGIN(uid=0)',
    ),
    fc.stringMatching(/^[a-z]{1,5}$/),
    fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.nat()).map(([name, n]) => `${name}-${n}`),
    fc.ipV4(),
    fc.string({ maxLength: 6 }),
  )
  const body = fc.array(token, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join(' '))

  test("takes no word out of a template that is not in its line's terms", () => {
    fc.assert(
      fc.property(body, body, (left, right) => {
        const [a, b] = [maskBody(left), maskBody(right)]
        const [left2, right2] = [tokenize(a.shape), tokenize(b.shape)]
        if (similarity(left2, right2) === 0) return
        const words = (text: string) =>
          text
            .match(/[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?/gu)
            ?.filter((word) => /\p{L}/u.test(word)) ?? []
        const kept = new Set(words(generalise(left2, right2).join(' ')))
        for (const side of [a, b]) {
          const lost = words(side.shape).filter((word) => word.length > 1 && !kept.has(word))
          const terms = side.terms.join(' ')
          expect(lost.filter((word) => !terms.includes(word.toLowerCase()))).toEqual([])
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('settles: what has been merged is merged with the same again', () => {
    fc.assert(
      fc.property(body, body, (left, right) => {
        const [a, b] = [tokenize(maskBody(left).shape), tokenize(maskBody(right).shape)]
        if (similarity(a, b) === 0) return
        const once = generalise(a, b)
        expect(once).toHaveLength(a.length)
        expect(generalise(once, b)).toEqual(once)
        expect(generalise(once, a)).toEqual(once)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinTemplates } from '../../src/knowledge/join-templates.ts'
import { maskBody } from '../../src/knowledge/mask.ts'
import { patternKey } from '../../src/knowledge/pattern-key.ts'
import { body } from './shape-bodies.ts'

/** Shapes of one key: of one body, with the variable tokens of another in the places where it has any. */
const family = fc
  .tuple(
    body,
    fc.array(fc.array(fc.constantFrom('a.b.c', '/x/y', '<*>', 'n-<*>', '"q"', '()')), {
      maxLength: 4,
    }),
  )
  .map(([text, others]) => {
    const shape = maskBody(text).shape
    const all = [shape, patternKey(shape)]
    for (const other of others) {
      let at = 0
      all.push(
        shape
          .split(' ')
          .map((token) => (patternKey(`x ${token}`) === 'x <*>' ? (other[at++] ?? token) : token))
          .join(' '),
      )
    }
    return all.filter((item) => patternKey(item) === patternKey(shape))
  })

describe('joinTemplates', () => {
  test.each([
    ['link <*> up', 'link <*> up', 'link <*> up'],
    ['GET /a/b ok', 'GET /c ok', 'GET <*> ok'],
    ['link eth<*> up', 'link wlan<*> up', 'link <*> up'],
    ['rhost= x', 'rhost=<*> x', 'rhost=<*> x'],
    ['(class=a.b.C) ok', '(class=d.e.F) ok', '(class=<*>) ok'],
    ['table "orders" x', 'table "users" x', 'table <*> x'],
    ['from <*> (<*>) x', 'from <*> () x', 'from <*> (<*>) x'],
    ['on /a /b x', 'on /a x', 'on <*> x'],
  ])('of "%s" and "%s" is "%s"', (a, b, expected) => {
    expect(joinTemplates(a, b)).toBe(expected)
    expect(joinTemplates(b, a)).toBe(expected)
  })

  test('is the same in whatever order shapes come, and however often', () => {
    fc.assert(
      fc.property(
        family.chain((shapes) =>
          fc.tuple(
            fc.constant(shapes),
            fc.shuffledSubarray([...shapes, ...shapes], { minLength: shapes.length * 2 }),
          ),
        ),
        ([shapes, again]) => {
          const joined = shapes.reduce(joinTemplates)
          expect(again.reduce(joinTemplates)).toBe(joined)
          expect(patternKey(joined)).toBe(patternKey(shapes[0] ?? ''))
          for (const shape of shapes) expect(joinTemplates(joined, shape)).toBe(joined)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  test("takes no word out of a template that is not in its line's terms", () => {
    // Between joiners, as a shape leaves out the sign of what it masks ("a-+b0" is "a-b<*>"); and but for units: a number
    // with one is what it is without (patternKey).
    const unit = /^(?:bytes?|bits?|[mu]?secs?|hours?|days?)$/
    const words = (text: string) =>
      text.match(/[\p{L}\p{N}]+/gu)?.filter((word) => /\p{L}/u.test(word) && !unit.test(word)) ?? []
    fc.assert(
      fc.property(body, (text) => {
        const { shape, terms } = maskBody(text)
        const kept = new Set(words(joinTemplates(shape, patternKey(shape))))
        const lost = words(shape).filter((word) => word.length > 1 && !kept.has(word))
        const found = terms.join(' ')
        expect(lost.filter((word) => !found.includes(word.toLowerCase()))).toEqual([])
      }),
      { numRuns: 3_000 },
    )
  })
})

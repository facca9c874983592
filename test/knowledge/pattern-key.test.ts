import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import { maxKeyTokens, patternKey } from '../../src/knowledge/pattern-key.ts'
import { cpuMs } from './cpu-time.ts'
import { body } from './shape-bodies.ts'

const alike = (a: string, b: string) => patternKey(a) === patternKey(b)

describe('patternKey', () => {
  test.each([
    ['link <*> up', 'link <*> up'],
    ['link eth<*> up', 'link <*> up'],
    ['link eth<*> up', 'link wlan<*> up'],
    ['rhost=<*> x', 'rhost= x'],
    ['from <*> (<*>) x', 'from <*> () x'],
    ['"GET /a/b" ok', '"GET /c" ok'],
    ['made class a.b.C now', 'made class d.e.F now'],
    ['(class=a.b.C) ok', '(class=d.e.F) ok'],
    ['table "orders" locked', 'table "users" locked'],
    ['on db.example.com: gone', 'on mail.example.org: gone'],
    ['a.b.c is deprecated', 'd.e is deprecated'],
    ['on node-<*> <*> <ok> node-<*> <*> <ok>', 'on node-<*> <*> <ok>'],
    ['<*> of (<*>) <*>', 'peer<*> of (<*>) <*>'],
  ])('of "%s" and "%s" is one', (a, b) => expect(alike(a, b)).toBe(true))

  test.each([
    ['link <*> up', 'link up'],
    ['link <*> up', 'link <*> down'],
    ['limit is <*>', 'limit is unlimited'],
    ['in state RUNNING', 'in state FAILED'],
    ['state=UP now', 'state=DOWN now'],
    ['by LOGIN(uid=<*>)', 'by (uid=<*>)'],
    ['"GET /a', '"POST /a'],
    ['got java.io.IOException: x', 'got java.net.SocketException: x'],
    ['java.io.IOException', 'java.net.SocketException'],
    ['order.created id=<*>', 'order.refused id=<*>'],
    ['Cache.evict: <*> keys', 'Cache.fill: <*> keys'],
    ['Cache::evict <*> keys', 'Cache::fill <*> keys'],
    ['store.open() ok', 'store.shut() ok'],
    ['read/write error', 'read/only error'],
    ['<*>:Got it', '<*>:Lost it'],
    ['size:<*> x', 'count:<*> x'],
    ['a - b', 'a : b'],
  ])('of "%s" and "%s" is not', (a, b) => expect(alike(a, b)).toBe(false))

  test('of a key is the key itself', () => {
    const arbitrary = fc.oneof(
      body,
      body.map((text) => maskBody(text).shape),
    )
    fc.assert(
      fc.property(arbitrary, (text) => {
        const key = patternKey(maskBody(text).shape)
        expect(patternKey(key)).toBe(key)
      }),
      { numRuns: 3_000 },
    )
  })

  test('looks at so many tokens only', () => {
    const words = Array.from({ length: maxKeyTokens + 50 }, (_, at) => `w${'x'.repeat(at % 7)}`)
    expect(patternKey(words.join(' ')).split(' ')).toHaveLength(maxKeyTokens)
  })

  test.each(['<*> ', 'a.b ', 'a=', '()', '<*>', 'a:', '"', '/a', 'a b <*> c ', '.'])(
    'takes linear time on a shape of %j',
    (piece) => {
      const whole = piece.repeat(8_192).slice(0, 8_192)
      const run = (shape: string) => () => {
        for (let round = 0; round < 20; round += 1) patternKey(shape)
      }
      run(whole)()
      // Twice the text: 2 when linear, 4 when quadratic. The floor keeps noise of fast runs out.
      const ratio = cpuMs(run(whole)) / Math.max(cpuMs(run(whole.slice(0, 4_096))), 20)
      expect(ratio).toBeLessThan(3.5)
    },
  )
})

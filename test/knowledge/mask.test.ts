import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUnit } from '../../src/knowledge/mask/name-context.ts'
import { termLimits } from '../../src/knowledge/mask/terms.ts'
import { maskBody, maxMaskedLength } from '../../src/knowledge/mask.ts'
import { cpuMs } from './cpu-time.ts'

const shapes: [body: string, shape: string, terms: string[]][] = [
  ['link is down', 'link is down', []],
  ['retry 3 of 5', 'retry <*> of <*>', []],
  ['port 3888 open', 'port <*> open', ['3888']],
  ['took 0.295 s', 'took <*>', []],
  ['took 12ms, then 1.5 sec', 'took <*>, then <*>', ['12ms']],
  ['estimated size 8.8 KB, free 317 MB', 'estimated size <*>, free <*>', ['317']],
  [
    'from 10.0.0.9 to /10.0.0.8:51041',
    'from <*> to /<*>',
    ['10.0.0.9', '10.0.0.8:51041', '10.0.0.8', '51041'],
  ],
  [
    'peer fe80::1ff:fe23:4567:890a up',
    'peer <*> up',
    ['fe80::1ff:fe23:4567:890a', 'fe80', '1ff', 'fe23', '4567', '890a'],
  ],
  ['at 2024-03-05 07:08:09,123 x', 'at <*> x', ['2024-03-05', '07:08:09', '123']],
  ['at Tue Mar 5 07:08:09 2024', 'at <*>', ['tue', 'mar', '07:08:09', '2024']],
  ['may fail on Sun night', 'may fail on Sun night', []],
  [
    'instance 17288ea8-cbf4-feed-dada-853fd2735f29 up',
    'instance <*> up',
    ['17288ea8-cbf4-feed-dada-853fd2735f29'],
  ],
  [
    'req-17288ea8-cbf4-4f0e-94fe-853fd2735f29 done',
    'req-<*> done',
    ['req-17288ea8-cbf4-4f0e-94fe-853fd2735f29'],
  ],
  ['block blk_-1608999687 on node12', 'block blk_<*> on node<*>', ['blk_-1608999687', 'node12']],
  ['delete blk_-12 blk_34 blk_56', 'delete blk_<*>', ['blk_-12', 'blk_34', 'blk_56']],
  ['speeds ( 3552 3534 3375 )', 'speeds ( <*> )', ['3552', '3534', '3375']],
  ['ids [17, 18, 19] of 2', 'ids [<*>] of <*>', []],
  [
    'attempt_1445144423722_0020_m_000009_0 is done',
    'attempt_<*> is done',
    ['attempt_1445144423722_0020_m_000009_0'],
  ],
  ['pod cart-7d9f8b6c5-xkqzp evicted', 'pod cart-<*> evicted', ['cart-7d9f8b6c5-xkqzp']],
  ['id 0x34ede65503f002d', 'id <*>', ['0x34ede65503f002d']],
  ['commit 9fceb02d0ae598e9 by ci', 'commit <*> by ci', ['9fceb02d0ae598e9']],
  [
    'from dsl-12.pool.example.net now',
    'from <*> now',
    ['dsl-12.pool.example.net', 'example.net'].slice(0, 1),
  ],
  ['user=alice state=FAILED uid=0', 'user=<*> state=FAILED uid=<*>', ['alice', 'failed']],
  ['login for user alice from 10.0.0.9', 'login for user <*> from <*>', ['alice', '10.0.0.9']],
  ['session closed for user root.', 'session closed for user <*>', ['root.'].map(() => 'root')],
  [
    'Failed password for bob from 10.0.0.9',
    'Failed password for <*> from <*>',
    ['bob', '10.0.0.9'],
  ],
  ['denied for user "shop"', 'denied for user "<*>"', ['shop']],
  ['check pass; user unknown', 'check pass; user unknown', []],
  ['closed due to user request.', 'closed due to user request.', []],
  ['waiting for response from 10.0.0.9', 'waiting for response from <*>', ['10.0.0.9']],
  ['mail to <email:3fa2c1> sent', 'mail to <*> sent', ['email:3fa2c1']],
  [
    'GET /api/checkout HTTP/1.1',
    'GET /api/checkout HTTP/<*>',
    ['/api/checkout', 'api', 'checkout', 'http/1.1', 'http'],
  ],
  [
    'GET /v2/o/42/items?user=bob&n=7',
    'GET /v<*>/items?<*>',
    ['/v2/o/42/items', 'items', 'user', 'bob'],
  ],
  ['wrote /var/log/a.log', 'wrote /var/log/a.log', ['/var/log/a.log', 'var', 'log', 'a.log']],
  [
    'java.io.IOException: gone',
    'java.io.IOException: gone',
    ['java.io.ioexception', 'ioexception'],
  ],
  ['mac aa:bb:cc:dd:ee:ff up', 'mac <*> up', ['aa:bb:cc:dd:ee:ff']],
  ['peer ::1: gone', 'peer <*>: gone', []],
  ['a read at 12:34', 'a read at <*>', ['12:34']],
  ['std::bad_alloc thrown', 'std::bad_alloc thrown', ['std::bad_alloc', 'std', 'bad_alloc']],
  ['dump of deadbeef here', 'dump of <*> here', ['deadbeef']],
  ['a decade of facades', 'a decade of facades', []],
  ['set on(true), off = false', 'set on(<*>), off = <*>', []],
  [
    'queue=mail unit = kitchen room =attic',
    'queue=<*> unit = <*> room =<*>',
    ['mail', 'kitchen', 'attic'],
  ],
  [
    'newState=UP exit_status=failed phase = two',
    'newState=UP exit_status=failed phase = two',
    ['up', 'failed'],
  ],
  ['tag="View Lock" x', 'tag="<*>" x', ['view', 'lock']],
  ['msg="no such file" x', 'msg="no such file" x', []],
  ['torus y- wire', 'torus <*> wire', []],
  ['invalid user ftp-user from 10.0.0.9', 'invalid user <*> from <*>', ['ftp-user', '10.0.0.9']],
  ['failures for admin [preauth]', 'failures for <*> [preauth]', ['admin']],
  ['started by client Updater.', 'started by client <*>', ['updater']],
  ['lifetime <1 sec', 'lifetime <*>', []],
  ['vCores:-27> ok', 'vCores:<*>> ok', ['vcores:-27', 'vcores']],
  ['  two\t blanks \n', 'two blanks', []],
  ['', '', []],
]

/** A word as a person would type it from a line: what blanks and dividers part, without punctuation around it. */
function typedWords(body: string): string[] {
  return body
    .split(/[\s=,;()[\]{}<>"'`|&?!]+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '')
}

/** Numbers of one or two digits, decimals, booleans and units name nothing; all else must be found. */
function mustBeFound(word: string): boolean {
  const isNothing = /^\d{1,2}$|^\d*\.\d*$|^(?:true|false)$/i.test(word)
  return word.length > 1 && !isNothing && !isUnit(word)
}

const word = fc.stringMatching(/^[A-Za-z][a-z]{0,9}$/)
const id = fc.oneof(
  fc.integer().map(String),
  fc.uuid(),
  fc.ipV4(),
  fc.ipV6(),
  fc.double({ noNaN: true }).map(String),
  fc.webUrl(),
  fc.emailAddress(),
  fc.domain(),
  fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([ip, port]) => `/${ip}:${port}`),
  fc.tuple(word, fc.nat()).map(([name, n]) => `${name}_-${n}`),
  fc.tuple(word, fc.nat(99)).map(([name, n]) => `${name}${n}`),
  fc.tuple(word, word).map(([key, value]) => `${key}=${value}`),
  fc.tuple(word, id2()).map(([key, value]) => `${key}="${value}"`),
  fc.array(word, { minLength: 1, maxLength: 9 }).map((path) => `/${path.join('/')}`),
  fc.array(word, { minLength: 2, maxLength: 5 }).map((path) => path.join('.')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.stringMatching(/^[0-9a-f]{6,40}$/),
  fc.constantFrom(
    'user',
    'for',
    'password',
    'from',
    'by',
    'Jun',
    'Sat',
    'KB',
    'ms',
    '(',
    '<',
    '<1',
    '[a,',
  ),
)
function id2() {
  return fc.oneof(fc.nat().map(String), fc.stringMatching(/^[a-z0-9]{1,8}$/))
}
const line = fc
  .array(fc.oneof(word, id, id, fc.string({ maxLength: 12 })), { maxLength: 14 })
  .map((parts) => parts.join(' '))

describe('maskBody', () => {
  test.each(shapes)('masks "%s"', (body, shape, terms) => {
    expect(maskBody(body)).toEqual({ shape, terms })
  })

  test('gives lines of one statement one shape', () => {
    const same = (...bodies: string[]) => new Set(bodies.map((body) => maskBody(body).shape)).size
    expect(same('size 8.8 KB', 'size 384.0 B', 'size 12 MB')).toBe(1)
    expect(same('free for 00:01', 'free for <1 sec', 'free for 12 s')).toBe(1)
    expect(same('ids 1, 2', 'ids 1, 2, 3, 4')).toBe(1)
    expect(same('pod a-7d9f8b6c5-x7k2p up', 'pod a-5f6b7c8d9-bcdfg up')).toBe(1)
    expect(same('boot = -5', 'boot = 15')).toBe(1)
    expect(same('at Jun  5 01:02:03', 'at Jul 15 11:12:13')).toBe(1)
  })

  test('keeps apart what words keep apart', () => {
    const shapeOf = (body: string) => maskBody(body).shape
    expect(shapeOf('link 3 up')).not.toBe(shapeOf('link 3 down'))
    expect(shapeOf('launching job_12')).not.toBe(shapeOf('launching task_12'))
    expect(shapeOf('state=UP')).not.toBe(shapeOf('state=DOWN'))
  })

  test('leaves every word of the body in the shape or in the terms', () => {
    fc.assert(
      fc.property(line, (body) => {
        const { shape, terms } = maskBody(body)
        if (terms.length >= termLimits.count) return
        const found = new Set([...terms, ...typedWords(shape).map((item) => item.toLowerCase())])
        const lost = typedWords(body)
          .filter(mustBeFound)
          .map((item) => item.toLowerCase())
          .filter((item) => !found.has(item.slice(0, termLimits.length)))
          .filter((item) => !found.has(`/${item}`.slice(0, termLimits.length)))
        expect(lost).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  test('gives terms that are lower case, distinct, and within their limits', () => {
    fc.assert(
      fc.property(line, (body) => {
        const { terms } = maskBody(body)
        expect(new Set(terms).size).toBe(terms.length)
        for (const term of terms) {
          expect(term).toBe(term.toLowerCase())
          expect(term.length).toBeGreaterThan(1)
        }
      }),
    )
    const many = Array.from({ length: 500 }, (_, at) => `id${at + 1_000}`).join(' and ')
    expect(maskBody(many).terms).toHaveLength(termLimits.count)
    expect(maskBody(`x ${'1a'.repeat(400)}`).terms).toEqual(['1a'.repeat(64)])
  })

  test('is stable: a shape has no blanks but single ones, and the same body has the same', () => {
    fc.assert(
      fc.property(line, (body) => {
        const { shape } = maskBody(body)
        expect(shape).toBe(shape.trim().replace(/[ \n\t]+/g, ' '))
        expect(maskBody(body)).toEqual(maskBody(body))
      }),
    )
  })

  test('looks at the first part of a long body only', () => {
    const { shape } = maskBody('word '.repeat(10_000))
    expect(shape.length).toBeLessThanOrEqual(maxMaskedLength)
  })

  test.each([
    '1 ',
    'a1',
    '1,',
    '(1',
    'a=1,',
    '/1',
    '<',
    ',',
    '1-',
    'user ',
    'a="',
    'a="b ',
    'a= b ',
    'aa:',
    'for user x',
    '\n',
    'a\n',
    '\n at b.c(d)',
    'E\nAError:\n',
    'x.',
    '"',
    'Mar 1 ',
    'a:',
  ])('takes linear time on a body of %j', (piece) => {
    const whole = piece.repeat(maxMaskedLength).slice(0, maxMaskedLength)
    const half = whole.slice(0, maxMaskedLength / 2)
    const run = (body: string) => () => {
      for (let round = 0; round < 20; round += 1) maskBody(body)
    }
    run(whole)()
    // Twice the text: 2 when linear, 4 when quadratic. The floor keeps noise of fast runs out.
    expect(cpuMs(run(whole)) / Math.max(cpuMs(run(half)), 20)).toBeLessThan(3.5)
  })

  test('takes no longer on a body beyond its limit', () => {
    const body = 'id1 '.repeat(500_000)
    const { shape, terms } = maskBody(body)
    expect(maskBody(body.slice(0, maxMaskedLength))).toEqual({ shape, terms })
  })
})

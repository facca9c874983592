import { describe, expect, test } from 'vitest'
import { termLimits } from '../../src/knowledge/mask/terms.ts'
import { maskBody } from '../../src/knowledge/mask.ts'

const java = (item: number, line: number) => `order ${item} failed
java.lang.IllegalStateException: no stock of item ${item}
\tat com.example.shop.Orders.place(Orders.java:${line})
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.io.IOException: Connection reset by 10.0.0.${line}
\tat com.example.shop.Net.read(Net.java:7)
\t... ${line} more`

describe('maskBody of several lines', () => {
  test.each([
    [
      java(12, 3),
      'order <*> failed java.lang.IllegalStateException: no stock of item <*> ' +
        'Caused by: java.io.IOException: Connection reset by <*>',
    ],
    [
      'handler failed\nTraceback (most recent call last):\n  File "/app/cart.py", line 12, in add_item\n' +
        "    return self.items[key]\nKeyError: 'sku-12'",
      "handler failed KeyError: 'sku-<*>'",
    ],
    [
      'upload failed\nTraceback (most recent call last):\n  File "/app/s.py", line 1, in put\n' +
        'store.errors.NoSuchKey: key 17 is gone',
      'upload failed store.errors.NoSuchKey: key <*> is gone',
    ],
    [
      'request 7 crashed\npanic: index out of range [3]\n\ngoroutine 17 [running]:\nmain.handle(0xc00)\n\t/app/main.go:12 +0x1d',
      'request <*> crashed panic: index out of range [<*>]',
    ],
    [
      'unhandled rejection\nTypeError: x is not a function\n    at run (/app/a.js:3:9)\n    at node:internal/main:1:2',
      'unhandled rejection TypeError: x is not a function',
    ],
    ['quota exceeded:\n  used 17\n  limit 12', 'quota exceeded: used <*> limit <*>'],
  ])('has the first line and those that name an exception: %j', (body, shape) => {
    expect(maskBody(body).shape).toBe(shape)
  })

  test('has one shape whatever the frames, and another for another cause', () => {
    const shapes = [java(1, 2), java(2, 33), java(3, 4).replace(/\tat com.*\n/, '')].map(
      (body) => maskBody(body).shape,
    )
    expect(new Set(shapes).size).toBe(1)
    expect(maskBody(java(1, 2).replace('reset', 'refused')).shape).not.toBe(shapes[0])
  })

  test('finds a trace by the names of its frames', () => {
    const { terms } = maskBody(java(12, 3))
    expect(terms).toEqual(
      expect.arrayContaining(['com.example.shop.orders.place', 'orders.java', 'ioexception']),
    )
    expect(maskBody('x\n  File "/app/cart.py", line 12, in add_item').terms).toEqual(
      expect.arrayContaining(['/app/cart.py', 'cart.py', 'add_item']),
    )
  })

  test('keeps the cause behind a hundred frames, and bounds what a body can make', () => {
    const frames = Array.from(
      { length: 100 },
      (_, at) =>
        `\tat com.example.package${at}.VeryLongClassName${at}.method(File${at}.java:${at})`,
    ).join('\n')
    const body = `it failed\na.b.XException: one\n${frames}\nCaused by: c.d.YException: two`
    expect(maskBody(body).shape).toContain('Caused by: c.d.YException: two')
    expect(maskBody(body).terms.length).toBeLessThanOrEqual(termLimits.count)
    const many = `it failed\n${'a.b.XException: again and again\n'.repeat(5_000)}`
    expect(maskBody(many).shape.length).toBeLessThan(1_000)
  })

  test('says nothing of a line in the context of the one before', () => {
    expect(maskBody('a\nTypeError: user\nbob\n  at x (y.js:1)').shape).toBe('a TypeError: user')
    expect(maskBody('key=\nvalue').shape).toBe('key= value')
  })
})

import { expect, test } from 'vitest'
import { traceTerms } from '../../../src/pipeline/steps/trace-terms.ts'

test.each([
  [
    'Java',
    'Order failed\njava.lang.NullPointerException: cart is null\n\tat com.shop.Orders.total(Orders.java:42)\n\tat java.base/java.lang.Thread.run(Thread.java)\nCaused by: com.shop.CartError: gone\n\t... 3 more',
    [
      'java.lang.NullPointerException',
      'NullPointerException',
      'Orders.java:42',
      'Orders.java',
      'com.shop.Orders.total',
      'java.base/java.lang.Thread.run',
      'com.shop.CartError',
      'CartError',
    ],
  ],
  [
    'Python',
    'Traceback (most recent call last):\n  File "/app/shop/main.py", line 3, in <module>\n    run()\n  File "/app/shop/cart.py", line 17, in total\nValueError: bad',
    ['main.py:3', 'main.py', 'cart.py:17', 'cart.py', 'total', 'ValueError'],
  ],
  [
    'Node',
    'TypeError: x is undefined\n    at Cart.total (/app/cart.js:12:9)\n    at /app/index.js:3:1',
    ['TypeError', 'cart.js:12', 'cart.js', 'Cart.total', 'index.js:3', 'index.js'],
  ],
  [
    'Go',
    'panic: boom\n\ngoroutine 1 [running]:\nmain.(*Cart).Total(0x0)\n\t/app/cart.go:12 +0x1d',
    ['main.(*Cart).Total', 'cart.go:12', 'cart.go'],
  ],
  [
    '.NET',
    'System.InvalidOperationException: no\n   at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line 12',
    [
      'System.InvalidOperationException',
      'InvalidOperationException',
      'Cart.cs:12',
      'Cart.cs',
      'Shop.Cart.Total',
    ],
  ],
])('a trace of %s is found by its exceptions, methods and files', (_language, body, terms) => {
  expect(traceTerms(body)).toEqual(terms)
})

test('takes time linear in the length of what only looks like a trace', () => {
  for (const part of ['at a.', '\n\tat ', 'A.A.A', '#1 a', 'File "', ':in `']) {
    const started = performance.now()
    traceTerms(part.repeat(200_000))
    expect(performance.now() - started).toBeLessThan(1_000)
  }
})

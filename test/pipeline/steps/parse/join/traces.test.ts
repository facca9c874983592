import { describe, expect, test } from 'vitest'
import type { ParsedEvent } from '../../../../../src/pipeline/steps/parse/parse-record.ts'
import { parse } from '../../../../../src/pipeline/steps/parse.ts'
import { recordsOf, stepContext, stepResources } from '../../../../support/step-context.ts'

/** The events of lines that arrive under one key, in one batch. */
async function eventsOf(lines: readonly string[]): Promise<ParsedEvent[]> {
  const records = recordsOf(...lines)
  const run = await parse().open(stepResources())
  return ((await run(records, stepContext(records))) as ParsedEvent[][]).flat()
}

const head = '2026-11-23 09:00:01,000 ERROR [main] c.s.Orders - Order 7 failed'

/** Each trace, all of whose lines are one event. */
const traces: [name: string, severity: number, trace: string][] = [
  [
    'Java with causes, suppressed ones and frames left out',
    17,
    `${head}
com.shop.OrderException: no stock
	at com.shop.Orders.total(Orders.java:42)
	at java.base/java.lang.Thread.run(Thread.java:840)
	Suppressed: java.io.IOException: closed
		at com.shop.Db.close(Db.java:7)
		... 2 more
Caused by: java.sql.SQLException: gone
	at com.shop.Db.read(Db.java:9)
	... 12 common frames omitted`,
  ],
  [
    'Java whose frames a collector has stripped of their blanks',
    17,
    `${head}
java.lang.IllegalStateException
at com.shop.Orders.total(Orders.java:42)
Caused by: java.net.SocketTimeoutException: Read timed out
... 3 more`,
  ],
  [
    'Java, uncaught',
    17,
    `Exception in thread "main" java.lang.NullPointerException: cart
	at com.shop.Main.main(Main.java:3)`,
  ],
  [
    'Java, printed bare',
    17,
    `java.lang.NullPointerException
	at com.shop.Main.main(Main.java:3)
	at com.shop.Main.run(Main.java:9)`,
  ],
  [
    'Python behind its line, chained',
    17,
    `2026-11-23 09:00:01,000 ERROR app.orders: failed
Traceback (most recent call last):
  File "/app/db.py", line 3, in read
    return self.rows[key]
           ~~~~~~~~~^^^^^
KeyError: 'cart'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 9, in <module>
    read()
shop.errors.CartError: no cart`,
  ],
  [
    'Python, printed bare',
    17,
    `Traceback (most recent call last):
  File "/app/main.py", line 9, in <module>
    main()
KeyboardInterrupt`,
  ],
  [
    'Node with a cause and its fields',
    17,
    `2026-11-23T09:00:01.000Z error: request failed
TypeError: Cannot read properties of undefined (reading 'id')
    at Cart.total (/app/cart.js:12:9)
    at async /app/index.js:3:1 {
  code: 'ERR_CART',
  [cause]: Error: gone
      at x (/app/x.js:1:1)
}`,
  ],
  [
    'Go, a panic with its goroutines',
    21,
    `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48d1a6]

goroutine 1 [running]:
main.(*Cart).Total(0x0)
	/app/cart.go:12 +0x26
main.main()
	/app/main.go:7 +0x1d

goroutine 18 [chan receive, 2 minutes]:
net/http.(*Server).Serve(0xc000140000, {0x7f, 0xc0})
	/usr/local/go/src/net/http/server.go:3056 +0x2f
created by main.main in goroutine 1
	/app/main.go:5 +0x9a
exit status 2`,
  ],
  [
    'Go, a recovered one behind its line',
    17,
    `2026-11-23T09:00:01.000Z ERROR http: panic serving 10.0.0.7:1: boom
goroutine 7 [running]:
net/http.(*conn).serve.func1()
	/usr/local/go/src/net/http/server.go:1868 +0xb9
panic({0x5f, 0xc0})
	/usr/local/go/src/runtime/panic.go:920 +0x270`,
  ],
  [
    '.NET on its console',
    17,
    `fail: Shop.Orders[7]
      Order 7 failed
      System.InvalidOperationException: no stock
       ---> System.IO.IOException: gone
         at Shop.Db.Read() in /src/Db.cs:line 9
         --- End of inner exception stack trace ---
         at Shop.Orders.Total(Int32 id) in /src/Orders.cs:line 42`,
  ],
  [
    'Ruby',
    17,
    `E, [2026-11-23T09:00:01.123456 #77] ERROR -- : NoMethodError (undefined method):
app/models/cart.rb:12:in \`total'
app/controllers/orders_controller.rb:7:in 'show'`,
  ],
  [
    'PHP',
    17,
    `[23-Nov-2026 09:00:01 UTC] PHP Fatal error:  Uncaught Exception: gone in /app/cart.php:12
Stack trace:
#0 /app/index.php(7): Cart->total()
#1 {main}
  thrown in /app/cart.php on line 12`,
  ],
  [
    'Rust',
    17,
    `thread 'main' panicked at src/main.rs:12:5:
index out of bounds: the len is 3 but the index is 7
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
note: run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`,
  ],
  [
    'a statement over several lines',
    9,
    `2026-11-23 09:00:01.123 UTC [77] LOG:  statement: select id
	  from cart
	 where id = 7`,
  ],
]

describe('one event are the lines of', () => {
  test.each(traces)('%s', async (_name, severity, trace) => {
    const next = '2026-11-23 09:00:02,000 INFO [main] c.s.Orders - next'
    const lines = trace.split('\n')
    const events = await eventsOf([...lines, next])
    expect(events.map(({ body }) => body.split('\n').length)).toEqual([lines.length, 1])
    expect(events[0]?.severity).toBe(severity)
    expect(events[0]?.body.endsWith(lines.slice(1).join('\n'))).toBe(true)
  })
})

describe('events of their own are', () => {
  test.each<[name: string, lines: string[]]>([
    [
      'lines with a time or a level, however they go on',
      [head, '2026-11-23 09:00:01,001 ERROR   at x', '  ERROR: at y'],
    ],
    ['plain lines', ['starting', 'loading', 'ready in 3.2 s']],
    ['lines that are all indented', ['  one', '  two', '  three']],
    ['a crash behind a line of another', ['2026-11-23 09:00:01 INFO ready', 'panic: boom']],
    [
      'a traceback behind a line that reports nothing bad',
      ['2026-11-23 09:00:01 INFO ready', 'Traceback (most recent call last):'],
    ],
    [
      'traces printed one after the other',
      ['java.lang.RuntimeException: a', 'java.lang.RuntimeException: b'],
    ],
    ['JSON records', ['{"level":"error","msg":"a"}', '{"level":"error","msg":"b"}']],
    ['empty lines', [head, '', head]],
  ])('%s', async (_name, lines) => {
    expect(await eventsOf(lines)).toHaveLength(lines.length)
  })
})

test('an event has no more lines than it may, and what is beyond them is an event too', async () => {
  const frames = Array.from({ length: 2_500 }, (_, index) => `\tat a.B.c(D.java:${index})`)
  const events = await eventsOf([head, ...frames])
  expect(events.map(({ body }) => body.split('\n').length)).toEqual([1_000, 1_000, 501])
  const long = frames.map((frame) => `${frame}${'x'.repeat(300)}`)
  const cut = await eventsOf([head, ...long])
  expect(cut.every(({ body }) => body.length <= 32_768)).toBe(true)
  expect(cut.flatMap(({ body }) => body.split('\n'))).toHaveLength(2_501)
})

test('containers of one node, and the streams of one container, do not mix', async () => {
  const line = (pod: string, stream: string, text: string) =>
    JSON.stringify({ log: text, stream, kubernetes: { pod_name: pod, container_name: 'c' } })
  const events = await eventsOf([
    line('a', 'stderr', head),
    line('b', 'stderr', '\tat b.B.b(B.java:1)'),
    line('a', 'stdout', '\tat o.O.o(O.java:1)'),
    line('a', 'stderr', '\tat a.A.a(A.java:1)'),
  ])
  expect(events.map(({ pod, body }) => [pod, body])).toEqual([
    ['a', 'Order 7 failed\n\tat a.A.a(A.java:1)'],
    ['b', '\tat b.B.b(B.java:1)'],
    ['a', '\tat o.O.o(O.java:1)'],
  ])
})

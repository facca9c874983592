const docker = (pod: string, log: string) =>
  [
    'node-1',
    JSON.stringify({
      log: `${log}\n`,
      stream: 'stderr',
      time: '2026-11-23T09:59:58.5Z',
      kubernetes: { pod_name: pod, container_name: 'app' },
    }),
  ] as const

/** `[partition key, line]`: traces of three programs, line by line between one another. */
export const interleavedTraces: readonly (readonly [partitionKey: string, text: string])[] = [
  ['app', '2026-11-23 09:00:01,000 ERROR [main] c.s.Orders - Order processing failed'],
  ['other', '2026-11-23 09:00:02 INFO fine'],
  ['app', 'com.shop.OrderException: no stock'],
  docker('web-1', '2026-11-23T09:00:03Z ERROR cannot pay'),
  docker('web-2', 'Traceback (most recent call last):'),
  ['app', '\tat com.shop.Orders.total(Orders.java:42)'],
  docker('web-1', '\tat com.shop.Pay.run(Pay.java:7)'),
  docker('web-2', '  File "/app/main.py", line 3, in <module>'),
  ['app', 'Caused by: java.sql.SQLException: gone'],
  docker('web-2', '    total(None)'),
  docker('web-2', "TypeError: 'NoneType' object is not iterable"),
  docker('web-1', '\t... 12 more'),
  ['app', '\t... 3 more'],
  docker('web-2', '2026-11-23T09:00:04Z INFO next'),
  ['app', '2026-11-23 09:00:05,000 INFO [main] c.s.Orders - next'],
  ['app', 'plain text'],
]

/** The events that they are: the place of the first line, when, how bad, and the body. */
export const joinedTraces = [
  {
    place: 0,
    at: '2026-11-23T09:00:01.000Z',
    severity: 17,
    body: [
      'Order processing failed',
      'com.shop.OrderException: no stock',
      '\tat com.shop.Orders.total(Orders.java:42)',
      'Caused by: java.sql.SQLException: gone',
      '\t... 3 more',
    ].join('\n'),
  },
  { place: 1, at: '2026-11-23T09:00:02.000Z', severity: 9, body: 'fine' },
  {
    place: 3,
    at: '2026-11-23T09:00:03.000Z',
    severity: 17,
    body: 'cannot pay\n\tat com.shop.Pay.run(Pay.java:7)\n\t... 12 more',
  },
  {
    place: 4,
    at: '2026-11-23T09:59:58.500Z',
    severity: 17,
    body: [
      'Traceback (most recent call last):',
      '  File "/app/main.py", line 3, in <module>',
      '    total(None)',
      "TypeError: 'NoneType' object is not iterable",
    ].join('\n'),
  },
  { place: 13, at: '2026-11-23T09:00:04.000Z', severity: 9, body: 'next' },
  { place: 14, at: '2026-11-23T09:00:05.000Z', severity: 9, body: 'next' },
  { place: 15, at: '2026-11-23T09:00:05.000Z', severity: 0, body: 'plain text' },
]

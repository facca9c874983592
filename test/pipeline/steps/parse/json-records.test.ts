import { describe, expect, test } from 'vitest'
import { type Expected, parse, pick } from './parse-line.ts'

const at = '2024-03-05T07:08:09.123Z'
const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

const loggers: [logger: string, record: Record<string, unknown>, expected: Expected][] = [
  [
    'pino',
    {
      level: 50,
      time: 1709622489123,
      pid: 7,
      hostname: 'h1',
      name: 'api',
      msg: 'failed',
      err: { type: 'Error', message: 'no route' },
      reqId: 'r-1',
    },
    { at, severity: 17, service: 'api', host: 'h1', body: 'failed: no route' },
  ],
  [
    'bunyan',
    {
      v: 0,
      level: 20,
      name: 'api',
      hostname: 'h1',
      pid: 7,
      time: '2024-03-05T07:08:09.123Z',
      msg: 'x',
    },
    { at, severity: 5, service: 'api', host: 'h1', body: 'x', attributes: { v: 0, pid: 7 } },
  ],
  [
    'winston',
    { level: 'warn', message: 'slow', timestamp: '2024-03-05 07:08:09.123' },
    { at, severity: 13, body: 'slow', attributes: {} },
  ],
  [
    'zap',
    {
      level: 'error',
      ts: 1709622489.123,
      logger: 'ctl',
      caller: 'a/b.go:12',
      msg: 'sync failed',
      error: 'timeout',
    },
    {
      at,
      severity: 17,
      body: 'sync failed: timeout',
      attributes: { logger: 'ctl', caller: 'a/b.go:12', error: 'timeout' },
    },
  ],
  [
    'logrus',
    { level: 'fatal', msg: 'x', time: '2024-03-05T08:08:09.123+01:00' },
    { at, severity: 21, body: 'x' },
  ],
  [
    'slog',
    { time: '2024-03-05T07:08:09.123Z', level: 'INFO', msg: 'x', service: 'cart' },
    { at, severity: 9, service: 'cart' },
  ],
  [
    'a Python formatter',
    {
      asctime: '2024-03-05 07:08:09,123',
      levelname: 'CRITICAL',
      name: 'app.db',
      message: 'lost',
      exc_info: 'Traceback (most recent call last):\n  File "a.py"\nOSError: gone',
    },
    { at, severity: 21, service: null, body: 'lost: OSError: gone' },
  ],
  [
    'structlog',
    { event: 'started', level: 'info', timestamp: '2024-03-05T07:08:09.123Z' },
    { at, severity: 9, body: 'started', attributes: {} },
  ],
  [
    'Serilog',
    {
      '@t': '2024-03-05T07:08:09.1234567Z',
      '@mt': 'Order {OrderId} took {Ms:0.0}',
      '@l': 'Warning',
      OrderId: 12,
      Ms: 3.5,
      '@tr': trace,
      '@sp': span,
    },
    { at, severity: 13, body: 'Order 12 took 3.5', traceId: trace, spanId: span },
  ],
  [
    'Serilog at its default level',
    { '@t': '2024-03-05T07:08:09.123Z', '@m': 'up' },
    { severity: 9, body: 'up' },
  ],
  [
    'ECS with dots',
    {
      '@timestamp': '2024-03-05T07:08:09.123Z',
      'log.level': 'error',
      message: 'm',
      'service.name': 'cart',
      'host.name': 'h1',
      'trace.id': trace,
      'span.id': span,
    },
    { at, severity: 17, service: 'cart', host: 'h1', traceId: trace, spanId: span, attributes: {} },
  ],
  [
    'ECS nested',
    {
      '@timestamp': '2024-03-05T07:08:09.123Z',
      log: { level: 'error', logger: 'l' },
      message: 'm',
      service: { name: 'cart', version: '1' },
      host: { hostname: 'h1' },
      trace: { id: trace },
    },
    {
      at,
      severity: 17,
      service: 'cart',
      host: 'h1',
      traceId: trace,
      attributes: { log: { logger: 'l' }, service: { version: '1' } },
    },
  ],
  [
    'GELF',
    { version: '1.1', host: 'h1', short_message: 'x', timestamp: 1709622489.123, level: 3 },
    { at, severity: 17, host: 'h1', body: 'x' },
  ],
  [
    'journald',
    {
      MESSAGE: 'x',
      PRIORITY: '4',
      __REALTIME_TIMESTAMP: '1709622489123456',
      _HOSTNAME: 'h1',
      SYSLOG_IDENTIFIER: 'sshd',
    },
    { at, severity: 13, host: 'h1', service: 'sshd', body: 'x' },
  ],
  [
    'MongoDB',
    {
      t: { $date: '2024-03-05T07:08:09.123+00:00' },
      s: 'W',
      c: 'NETWORK',
      ctx: 'conn1',
      msg: 'slow query',
    },
    { at, severity: 13, body: 'slow query' },
  ],
  [
    'Google Cloud',
    {
      severity: 'NOTICE',
      message: 'x',
      'logging.googleapis.com/trace': `projects/p/traces/${trace}`,
    },
    { severity: 10, traceId: trace },
  ],
  [
    'Monolog',
    { message: 'x', level: 400, level_name: 'ERROR', channel: 'app' },
    { severity: 17, body: 'x' },
  ],
  [
    'Logstash',
    {
      '@timestamp': '2024-03-05T07:08:09.123Z',
      message: 'x',
      level: 'WARN',
      level_value: 30000,
      logger_name: 'a.B',
    },
    { at, severity: 13 },
  ],
  [
    'a W3C traceparent',
    { msg: 'x', traceparent: `00-${trace}-${span}-01` },
    { traceId: trace, spanId: span },
  ],
  [
    'a record without a message',
    { method: 'GET', path: '/a b', status: 503, time: 1709622489 },
    { severity: 17, body: 'method=GET path="/a b" status=503' },
  ],
  [
    'a message that is an object',
    { level: 'info', message: { op: 'sync', took: 3 } },
    { severity: 9, body: 'op=sync took=3' },
  ],
  [
    'an error alone',
    { level: 'error', error: { message: 'disk full', stack: '...' } },
    { severity: 17, body: 'disk full' },
  ],
  [
    'an error that the message says already',
    { level: 'error', msg: 'failed: disk full', error: 'disk full' },
    { body: 'failed: disk full' },
  ],
  ['no error', { level: 'info', msg: 'ok', error: null, err: '<nil>' }, { body: 'ok' }],
  [
    'a raw line that a shipper carried',
    {
      '@timestamp': '2024-03-05T07:08:10Z',
      message: '2024-03-05 07:08:09,123 ERROR [main] a.b.C: inner',
    },
    { at: '2024-03-05T07:08:10.000Z', severity: 17, body: 'inner' },
  ],
]

describe('a JSON record', () => {
  test.each(loggers)('of %s is read', (_, record, expected) => {
    expect(pick(parse(record), expected)).toEqual(expected)
  })

  test('keeps the digits of long numbers', () => {
    const event = parse('{"msg":"x","id":1234567890123456789,"list":[-9007199254740993],"n":1.5}')
    expect(event.attributes).toEqual({
      id: '1234567890123456789',
      list: ['-9007199254740993'],
      n: 1.5,
    })
  })

  test('keeps a field whose value cannot be what its name says', () => {
    const event = parse({ time: 'soon', level: 'purple', severity: 'warn', msg: 'x' })
    expect(event.attributes).toEqual({ time: 'soon', level: 'purple' })
    expect(event.severity).toBe(13)
  })

  test('with a field named __proto__ is data like any other', () => {
    const { attributes } = parse('{"msg":"x","__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
    expect(JSON.stringify(attributes)).toBe('{"__proto__":{"polluted":true}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

const kubernetes = {
  pod_name: 'checkout-7d9f8b6c5-x7k2p',
  namespace_name: 'shop',
  container_name: 'app',
  host: 'node-3',
  labels: { app: 'checkout', 'pod-template-hash': '7d9f8b6c5', tier: 'web' },
  annotations: { 'example.com/secret': 'a long text' },
  docker_id: 'abc',
}
const names = { service: 'checkout', host: 'node-3', pod: kubernetes.pod_name, namespace: 'shop' }

describe("a container's line", () => {
  test('takes who spoke from the pod and what happened from the line', () => {
    const event = parse({
      date: 1709622489.123,
      time: '2024-03-05T07:08:09.123456789Z',
      stream: 'stderr',
      log: '{"level":"error","msg":"boom","host":"inner","service":"payments"}\n',
      kubernetes,
    })
    const expected: Expected = {
      ...names,
      at,
      severity: 17,
      body: 'boom',
      attributes: {
        container: 'app',
        labels: { app: 'checkout', tier: 'web' },
        stream: 'stderr',
        host: 'inner',
        service: 'payments',
      },
    }
    expect(pick(event, expected)).toEqual(expected)
  })

  test.each<[string, string, Expected]>([
    [
      'log4j text',
      '2024-03-05 09:08:09,999 WARN [main] a.b.C: low\n',
      { at, severity: 13, body: 'low' },
    ],
    [
      'logfmt with a zone',
      'level=info ts=2024-03-05T09:08:09Z msg=hi\n',
      { at: '2024-03-05T09:08:09.000Z', severity: 9, body: 'hi' },
    ],
    ['free text', 'hello\n', { at, severity: 0, body: 'hello' }],
    ['broken JSON', '{"level":"err\n', { at, body: '{"level":"err', marks: ['broken_json'] }],
    ['nothing', '\n', { at, body: '', marks: ['empty'] }],
  ])('reads %s inside by its own format, with the clock that has a zone', (_, log, expected) => {
    const event = parse({ time: '2024-03-05T07:08:09.123Z', stream: 'stdout', log, kubernetes })
    expect(pick(event, { ...names, ...expected })).toEqual({ ...names, ...expected })
  })

  test.each<[string, Record<string, unknown>]>([
    ['beside the pod', { level: 'warn', msg: 'low' }],
    ['under one key', { data: { level: 'warn', msg: 'low' } }],
    ['as an object in log', { log: { level: 'warn', msg: 'low' } }],
  ])('may have its fields merged %s', (_, fields) => {
    const expected: Expected = { ...names, at, severity: 13, body: 'low' }
    expect(pick(parse({ date: 1709622489.123, kubernetes, ...fields }), expected)).toEqual(expected)
  })

  test.each<[Record<string, unknown>, string]>([
    [{ 'app.kubernetes.io/name': 'a', app: 'b', 'k8s-app': 'c' }, 'a'],
    [{ app: 'b', 'k8s-app': 'c' }, 'b'],
    [{ 'k8s-app': 'c' }, 'c'],
    [{}, 'app'],
  ])('has its service from the labels %o, else from the container', (labels, service) => {
    expect(parse({ log: 'x', kubernetes: { ...kubernetes, labels } }).service).toBe(service)
  })

  test('may come from Docker without a pod', () => {
    const event = parse({ log: 'ERROR: x\n', stream: 'stderr', time: '2024-03-05T07:08:09.123Z' })
    expect(pick(event, { at, severity: 17, body: 'ERROR: x' })).toEqual({
      at,
      severity: 17,
      body: 'ERROR: x',
    })
  })
})

describe('a Kubernetes event', () => {
  test('says its reason, its object and who reported it', () => {
    const event = parse({
      kind: 'Event',
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container',
      count: 5,
      lastTimestamp: '2024-03-05T07:08:09Z',
      involvedObject: { kind: 'Pod', name: 'cart-1', namespace: 'shop' },
      source: { component: 'kubelet', host: 'node-3' },
    })
    const expected: Expected = {
      at: '2024-03-05T07:08:09.000Z',
      severity: 13,
      service: 'kubelet',
      host: 'node-3',
      pod: 'cart-1',
      namespace: 'shop',
      body: 'BackOff: Back-off restarting failed container',
      attributes: { object: 'Pod/cart-1', reason: 'BackOff', count: 5 },
    }
    expect(pick(event, expected)).toEqual(expected)
  })
})

describe('an OTLP log record', () => {
  const resource = {
    attributes: [
      { key: 'service.name', value: { stringValue: 'cart' } },
      { key: 'k8s.pod.name', value: { stringValue: 'cart-1' } },
      { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
      { key: 'host.name', value: { stringValue: 'node-3' } },
      { key: 'service.version', value: { stringValue: '1.2' } },
    ],
  }
  const record = (logRecord: Record<string, unknown>) => ({
    resource,
    scope: { name: 'cart.http' },
    logRecord,
  })
  const sender = { service: 'cart', pod: 'cart-1', namespace: 'shop', host: 'node-3' }

  test('is read in full', () => {
    const event = parse(
      record({
        timeUnixNano: '1709622489123456789',
        severityNumber: 17,
        severityText: 'ERROR',
        body: { stringValue: 'payment failed' },
        traceId: trace.toUpperCase(),
        spanId: span,
        attributes: [
          { key: 'order', value: { intValue: '42' } },
          { key: 'big', value: { intValue: '9223372036854775807' } },
          { key: 'ok', value: { boolValue: false } },
          {
            key: 'list',
            value: { arrayValue: { values: [{ doubleValue: 1.5 }, { stringValue: 'a' }] } },
          },
          {
            key: 'map',
            value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: 'v' } }] } },
          },
          { key: 'exception.type', value: { stringValue: 'IOError' } },
          { key: 'exception.message', value: { stringValue: 'reset by peer' } },
        ],
      }),
    )
    const expected: Expected = {
      ...sender,
      at,
      severity: 17,
      traceId: trace,
      spanId: span,
      body: 'payment failed: IOError: reset by peer',
    }
    expect(pick(event, expected)).toEqual(expected)
    expect(event.attributes).toMatchObject({
      order: 42,
      big: '9223372036854775807',
      ok: false,
      list: [1.5, 'a'],
      map: { k: 'v' },
      scope: 'cart.http',
      resource: { 'service.version': '1.2' },
    })
  })

  test.each<[string, Record<string, unknown>, Expected]>([
    [
      'its observed time where it has no other',
      { timeUnixNano: '0', observedTimeUnixNano: 1709622489123000000, body: { stringValue: 'x' } },
      { at },
    ],
    [
      'its severity by text',
      { severityText: 'Warn', body: { stringValue: 'x' } },
      { severity: 13 },
    ],
    [
      'its severity by enum name',
      { severityNumber: 'SEVERITY_NUMBER_FATAL', body: { stringValue: 'x' } },
      { severity: 21 },
    ],
    [
      'a raw line in its body',
      { body: { stringValue: '2024-03-05 07:08:09,123 ERROR [main] a.b.C: inner' } },
      { at, severity: 17, body: 'inner' },
    ],
    [
      'a map as its body',
      { body: { kvlistValue: { values: [{ key: 'msg', value: { stringValue: 'hi' } }] } } },
      { body: 'hi' },
    ],
    [
      'its attributes where it has no body',
      { attributes: [{ key: 'a', value: { intValue: 1 } }] },
      { body: 'a=1' },
    ],
    [
      'no trace of zeros',
      { body: { stringValue: 'x' }, traceId: '0'.repeat(32) },
      { traceId: null },
    ],
  ])('is read by %s', (_, logRecord, expected) => {
    expect(pick(parse(record(logRecord)), { ...sender, ...expected })).toEqual({
      ...sender,
      ...expected,
    })
  })
})

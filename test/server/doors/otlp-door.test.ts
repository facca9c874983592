import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { fakeProducer, type PutRule, post, startTestServer } from '../start-test-server.ts'

/** As @opentelemetry/exporter-logs-otlp-http writes it. */
const exported = {
  resourceLogs: [
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'checkout' } },
          { key: 'process.pid', value: { intValue: 4711 } },
          {
            key: 'process.command_args',
            value: { arrayValue: { values: [{ stringValue: 'node' }] } },
          },
        ],
        droppedAttributesCount: 0,
      },
      scopeLogs: [
        {
          scope: { name: 'orders', version: '1.2.0' },
          logRecords: [
            {
              timeUnixNano: '1700000000123456789',
              observedTimeUnixNano: '1700000000123500000',
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'payment failed' },
              attributes: [{ key: 'order.id', value: { stringValue: 'o-1' } }],
              droppedAttributesCount: 0,
              flags: 1,
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
            },
            {
              timeUnixNano: '1700000000223456789',
              body: { stringValue: 'retrying' },
              attributes: [],
            },
          ],
        },
      ],
    },
    {
      resource: { attributes: [{ key: 'host.name', value: { stringValue: 'web-1' } }] },
      scopeLogs: [{ logRecords: [{ body: { kvlistValue: { values: [] } } }] }],
    },
  ],
}

async function start(rule?: PutRule, options = {}) {
  const fake = fakeProducer(rule)
  const server = await startTestServer({ producer: fake.producer }, options)
  const send = (body: unknown, type = 'application/json') =>
    post(`${server.url}/v1/logs`, typeof body === 'string' ? body : JSON.stringify(body), { type })
  return { ...fake, server, send }
}

describe('POST /v1/logs', () => {
  it('makes each log record a record with its resource and scope, and drops nothing', async () => {
    const { send, stored } = await start()
    const reply = await send(exported)
    expect(reply).toMatchObject({ status: 200, body: {} })
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    const [first, second] = exported.resourceLogs
    expect(stored.map(({ text }) => JSON.parse(text))).toEqual([
      {
        resource: first?.resource,
        scope: { name: 'orders', version: '1.2.0' },
        logRecord: first?.scopeLogs[0]?.logRecords[0],
      },
      {
        resource: first?.resource,
        scope: { name: 'orders', version: '1.2.0' },
        logRecord: first?.scopeLogs[0]?.logRecords[1],
      },
      { resource: second?.resource, scope: {}, logRecord: second?.scopeLogs[0]?.logRecords[0] },
    ])
    expect(stored.map(({ stream, key }) => `${stream} ${key}`)).toEqual([
      'logs checkout',
      'logs checkout',
      'logs web-1',
    ])
  })

  it('keys by the finest name of the resource, and by "otlp" when it has none', async () => {
    const { send, stored } = await start()
    const withAttributes = (...names: [string, unknown][]) => ({
      resourceLogs: [
        {
          resource: {
            attributes: names.map(([key, stringValue]) => ({ key, value: { stringValue } })),
          },
          scopeLogs: [{ logRecords: [{}] }],
        },
      ],
    })
    await send(withAttributes(['service.name', 'cart'], ['service.instance.id', 'cart-7']))
    await send(withAttributes(['service.name', 'cart'], ['k8s.pod.name', 'cart-8']))
    await send(withAttributes(['service.name', ''], ['host.name', 'x'.repeat(300)]))
    await send({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] })
    expect(stored.map(({ key }) => key)).toEqual(['cart-7', 'cart-8', 'otlp', 'otlp'])
  })

  it('keeps all digits of a number that a double cannot hold, and schema URLs', async () => {
    const { send, stored } = await start()
    await send(
      '{"resourceLogs":[{"schemaUrl":"r:1","scopeLogs":[{"schemaUrl":"s:1","logRecords":[{"timeUnixNano": 1700000000123456789,"attributes":[{"key":"d","value":{"doubleValue":1e300}},{"key":"n","value":{"intValue":-9007199254740993}}]}]}]}]}',
    )
    expect(JSON.parse(stored[0]?.text ?? '')).toEqual({
      resource: {},
      resourceSchemaUrl: 'r:1',
      scope: {},
      scopeSchemaUrl: 's:1',
      logRecord: {
        timeUnixNano: '1700000000123456789',
        attributes: [
          { key: 'd', value: { doubleValue: 1e300 } },
          { key: 'n', value: { intValue: '-9007199254740993' } },
        ],
      },
    })
  })

  it.each([['{}'], ['{"resourceLogs":[]}'], ['{"resourceLogs":null}'], ['']])(
    'takes an empty request: %s',
    async (body) => {
      const { send, stored } = await start()
      expect(await send(body)).toMatchObject({ status: 200, body: {} })
      expect(stored).toEqual([])
    },
  )

  it('takes gzip, and stores in the stream that it is told to', async () => {
    const { server, stored } = await start(undefined, { otlpStream: 'otel' })
    const reply = await post(`${server.url}/v1/logs`, gzipSync(JSON.stringify(exported)), {
      type: 'application/json',
      headers: { 'content-encoding': 'gzip' },
    })
    expect(reply.status).toBe(200)
    expect(stored.map(({ stream }) => stream)).toEqual(['otel', 'otel', 'otel'])
  })

  it('says in partialSuccess how many records were refused for what they are', async () => {
    const error = new MillraceError('limit_exceeded', 'expected a smaller record')
    const { send } = await start((_record, index) =>
      index === 1 ? { ok: false, error } : undefined,
    )
    expect(await send(exported)).toMatchObject({
      status: 200,
      body: {
        partialSuccess: {
          rejectedLogRecords: '1',
          errorMessage: 'the first of them: expected a smaller record',
        },
      },
    })
  })

  it('answers 503 with Retry-After when it cannot keep up', async () => {
    const error = new MillraceError('throughput_exceeded', 'full', { retryable: true })
    const { send } = await start(() => ({ ok: false, error }))
    const reply = await send(exported)
    expect(reply.status).toBe(503)
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(reply.body).toEqual({ code: 14, message: 'full' })
  })

  it('refuses Protobuf and says how to send JSON', async () => {
    const { send } = await start()
    const reply = await send('\x0a\x00', 'application/x-protobuf')
    expect(reply.status).toBe(415)
    expect(reply.body).toEqual({
      code: 3,
      message: expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL=http/json'),
    })
  })

  it.each([
    ['broken JSON', '{"resourceLogs":[', 'JSON'],
    ['another type of request', '{"resourceSpans":[]}', 'an object with resourceLogs'],
    ['a list', '[]', 'an object'],
    ['a list that is none', '{"resourceLogs":{}}', 'an array'],
    [
      'a log record that is none',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[1]}]}]}',
      'logRecords',
    ],
    [
      'nesting without end',
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'['.repeat(1e5)}${']'.repeat(1e5)}}]}]}]}`,
      'nested',
    ],
  ])('refuses %s with a reason and stores nothing', async (_what, body, reason) => {
    const { send, calls } = await start()
    const reply = await send(body)
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual({ code: 3, message: expect.stringContaining(reason) })
    expect(calls).toEqual([])
  })
})

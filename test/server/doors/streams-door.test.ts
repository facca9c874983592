import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { fakeProducer, type PutRule, post, startTestServer } from '../start-test-server.ts'

const ndjson = 'application/x-ndjson'

async function start(rule?: PutRule) {
  const fake = fakeProducer(rule)
  const server = await startTestServer({ producer: fake.producer })
  return { ...fake, server, url: `${server.url}/streams/web/records` }
}

const refuse =
  (code: ConstructorParameters<typeof MillraceError>[0], ...indexes: number[]): PutRule =>
  (_record, index) =>
    indexes.includes(index)
      ? { ok: false, error: new MillraceError(code, `refused as ${code}`, { retryable: true }) }
      : undefined

describe('POST /streams/:name/records', () => {
  it('stores a record a line, byte for byte, and says where the first and the last are', async () => {
    const { url, stored } = await start()
    const reply = await post(url, '{"a": 1}\n\n{"host":"h","n":1.0}\r\n{broken\n', { type: ndjson })
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      accepted: 3,
      rejected: 0,
      skipped: 1,
      first: 'web/0/1',
      last: 'web/0/3',
    })
    expect(stored.map(({ text }) => text)).toEqual(['{"a": 1}', '{"host":"h","n":1.0}', '{broken'])
    expect(stored.map(({ stream }) => stream)).toEqual(['web', 'web', 'web'])
  })

  it('keys a record by the source it names, and the rest of a request by one key of its own', async () => {
    const { url, stored } = await start()
    await post(url, '{"host":"h"}\n{"a":1}\nplain\n', { type: ndjson })
    await post(url, '{"host":"h"}\nplain\n', { type: 'text/plain; charset=utf-8' })
    const [named, first, second, text, alsoText] = stored.map(({ key }) => key)
    expect(named).toBe('h')
    expect(first).toBe(second)
    expect(text).toBe(alsoText)
    expect(text).not.toBe(first)
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('takes the key that the sender chooses, as a query or as a header in UTF-8', async () => {
    const { url, stored } = await start()
    await post(`${url}?partitionKey=a%20b`, '{"host":"h"}', { type: ndjson })
    const header = Buffer.from('ключ').toString('latin1')
    await post(url, '{"host":"h"}', { type: ndjson, headers: { 'x-partition-key': header } })
    expect(stored.map(({ key }) => key)).toEqual(['a b', 'ключ'])
  })

  it('stores a line that is not UTF-8 as it is', async () => {
    const { url, stored } = await start()
    const bytes = Buffer.from([0x63, 0x61, 0x66, 0xe9])
    expect((await post(url, bytes, { type: 'text/plain' })).body.accepted).toBe(1)
    expect(stored[0]?.data).toEqual(bytes)
  })

  it('takes what Fluent Bit sends: an array, and objects one after the other', async () => {
    const { url, stored } = await start()
    const record = (pod: string) =>
      `{"date":1700000000.123456,"log":"x\\n","kubernetes":{"pod_name":"${pod}","host":"n"}}`
    const array = `[${record('cart-1')},${record('cart-2')}]`
    expect((await post(url, array, { type: 'application/json' })).body.accepted).toBe(2)
    const gelf = `${record('cart-3')}\n${record('cart-4')}\n`
    expect((await post(url, gelf, { type: 'application/json' })).body.accepted).toBe(2)
    expect(stored.map(({ key }) => key)).toEqual(['cart-1', 'cart-2', 'cart-3', 'cart-4'])
    expect(stored[1]?.text).toBe(record('cart-2'))
  })

  it('refuses a broken array with the place of the fault, stores nothing and quotes nothing', async () => {
    const { url, calls } = await start()
    const reply = await post(url, '[{"ok":1},{"secret":}]', { type: 'application/json' })
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual({
      error: {
        code: 'invalid_argument',
        message:
          'expected a JSON value at byte 10 of the body, got something else; nothing was stored',
      },
    })
    expect(calls).toEqual([])
  })

  it('lists what became of each record when it is asked to', async () => {
    const { url } = await start(refuse('limit_exceeded', 1))
    const reply = await post(`${url}?results=1`, 'a\nb\nc', { type: 'text/plain' })
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      accepted: 2,
      rejected: 1,
      skipped: 0,
      records: [
        { shard: 0, sequence: '1' },
        { error: { code: 'limit_exceeded', message: 'refused as limit_exceeded' } },
        { shard: 0, sequence: '3' },
      ],
    })
  })

  it('stores the good neighbours of a record that is too large, and names that one', async () => {
    const { url } = await start(refuse('limit_exceeded', 1))
    const reply = await post(url, 'a\nb\nc', { type: 'text/plain' })
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({
      accepted: 2,
      rejected: 1,
      errors: [{ index: 1, error: { code: 'limit_exceeded' } }],
      errorsListed: 1,
    })
  })

  it('answers 413 when every record is too large', async () => {
    const { url } = await start(refuse('limit_exceeded', 0, 1))
    const reply = await post(url, 'a\nb', { type: 'text/plain' })
    expect(reply.status).toBe(413)
    expect(reply.body).toMatchObject({ accepted: 0, rejected: 2 })
  })

  it.each([
    ['throughput_exceeded', '1'],
    ['database_unavailable', '5'],
    ['disk_full', '30'],
  ] as const)(
    'answers 503 on %s, with Retry-After and how many are stored',
    async (code, after) => {
      const { url } = await start(refuse(code, 2))
      const reply = await post(url, 'a\nb\nc', { type: 'text/plain' })
      expect(reply.status).toBe(503)
      expect(reply.headers.get('retry-after')).toBe(after)
      expect(reply.body).toMatchObject({
        error: { code, message: expect.stringContaining('2 of 3 records are stored') },
        accepted: 2,
        rejected: 0,
        notStored: 1,
      })
    },
  )

  it('names the command that creates a stream that does not exist', async () => {
    const { producer } = fakeProducer()
    const error = new MillraceError('not_found', 'create it with: millrace stream create web')
    const server = await startTestServer({
      producer: { ...producer, put: () => Promise.reject(error) },
    })
    const reply = await post(`${server.url}/streams/web/records`, 'a', { type: 'text/plain' })
    expect(reply.status).toBe(404)
    expect(reply.body).toEqual({ error: { code: 'not_found', message: error.message } })
  })

  it.each([
    ['application/x-www-form-urlencoded'],
    ['application/msgpack'],
    [undefined],
    ['nonsense'],
  ])('refuses the Content-Type %s and names what it takes', async (type) => {
    const { url, calls } = await start()
    const reply = await post(url, 'a', type === undefined ? {} : { type })
    expect(reply.status).toBe(415)
    if (type !== 'nonsense')
      expect(reply.body).toMatchObject({
        error: { code: 'invalid_argument', message: expect.stringContaining(ndjson) },
      })
    expect(calls).toEqual([])
  })

  it.each([
    ['an unknown option', 'web/records?result=1'],
    ['an option twice', 'web/records?partitionKey=a&partitionKey=b'],
    ['an empty key', 'web/records?partitionKey='],
    ['a key that is too long', `web/records?partitionKey=${'x'.repeat(257)}`],
    ['a stream name with a space', 'a%20b/records'],
    ['a stream name that is too long', `${'x'.repeat(129)}/records`],
    ['a path that is not UTF-8', '%E0%A4/records'],
  ])('refuses %s', async (_what, path) => {
    const { server, calls } = await start()
    const reply = await post(`${server.url}/streams/${path}`, 'a', { type: 'text/plain' })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ error: { code: 'invalid_argument' } })
    expect(calls).toEqual([])
  })

  it('refuses a body of no records in JSON, and takes an empty one of lines', async () => {
    const { url } = await start()
    expect((await post(url, '', { type: 'application/json' })).status).toBe(400)
    expect((await post(url, '[]', { type: 'application/json' })).body.accepted).toBe(0)
    expect((await post(url, '\n', { type: ndjson })).body).toMatchObject({
      accepted: 0,
      skipped: 1,
    })
  })

  it('never logs what it stores', async () => {
    const { url, server } = await start()
    await post(url, 'hunter2\n', { type: 'text/plain' })
    await post(url, '[hunter2]', { type: 'application/json' })
    await server.stop()
    expect(server.logged.map(({ msg }) => msg)).toContain('request.answered')
    expect(JSON.stringify(server.logged)).not.toContain('hunter2')
  })
})

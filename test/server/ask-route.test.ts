import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import type { AskInput, AskPort } from '../../src/server/ports.ts'
import { post, startTestServer } from './start-test-server.ts'

const json = 'application/json'
const start = async (ask: AskPort, options = {}) => {
  const server = await startTestServer({ ask }, options)
  return { server, url: `${server.url}/api/ask` }
}
const answer = { text: 'it was the disk', citations: ['logs/0/1'] }

function stream(url: string, body: object = { question: 'why?' }, signal?: AbortSignal) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': json, accept: 'text/event-stream' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
}

/** The events of a whole stream: name and data. */
function eventsIn(text: string): [string, unknown][] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [name = '', data = ''] = block.split('\n')
      return [name.slice('event: '.length), JSON.parse(data.slice('data: '.length))]
    })
}

describe('POST /api/ask', () => {
  it('answers with JSON, and hands on what was asked', async () => {
    let asked: AskInput | undefined
    const { url } = await start(async (input) => {
      asked = input
      return answer
    })
    const body = {
      question: '  why did payments fail?  ',
      stream: 'logs',
      now: '2026-03-01T14:32:00+01:00',
      timeZone: 'Europe/Madrid',
    }
    const reply = await post(url, JSON.stringify(body), { type: json })
    expect(reply).toMatchObject({ status: 200, body: answer })
    expect(asked).toMatchObject({
      question: 'why did payments fail?',
      stream: 'logs',
      now: new Date('2026-03-01T13:32:00Z'),
      timeZone: 'Europe/Madrid',
    })
    await post(url, '{"question":"why?"}', { type: json })
    expect(Object.keys(asked ?? {}).sort()).toEqual(['question', 'signal'])
  })

  it.each([
    ['no question', '{}', 'question'],
    ['an empty question', '{"question":"  "}', 'expected a question'],
    ['a question that is too long', JSON.stringify({ question: 'x'.repeat(2_001) }), '2,000'],
    ['an unknown key', '{"question":"a","model":"b"}', 'model'],
    ['a time without a zone', '{"question":"a","now":"2026-03-01T14:32:00"}', 'expected a time'],
    ['a place that is no zone', '{"question":"a","timeZone":"Europe/Atlantis"}', 'time zone'],
    ['no object', 'null', 'expected an object'],
    ['broken JSON', '{"question":"why', 'expected a body of JSON'],
  ])('refuses %s with a reason', async (_what, body, reason) => {
    const { url } = await start(async () => answer)
    const reply = await post(url, body, { type: json, headers: { accept: 'text/event-stream' } })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({
      error: { code: 'invalid_argument', message: expect.stringContaining(reason) },
    })
  })

  it('takes a question of 2,000 characters', async () => {
    const { url } = await start(async () => answer)
    const body = JSON.stringify({ question: 'x'.repeat(2_000) })
    expect((await post(url, body, { type: json })).status).toBe(200)
  })

  it('refuses other types than JSON, and bodies that are no question by their size', async () => {
    const { url } = await start(async () => answer)
    expect((await post(url, '{"question":"a"}', { type: 'text/plain' })).status).toBe(415)
    expect((await post(url, `{"question":"${'x'.repeat(70_000)}"}`, { type: json })).status).toBe(
      413,
    )
  })

  it.each([
    ['not_found', 404],
    ['embedder_unavailable', 503],
    ['model_unavailable', 503],
    ['embedder_rejected', 502],
  ] as const)('answers %s with %i', async (code, status) => {
    const { url } = await start(() => Promise.reject(new MillraceError(code, 'told to people')))
    const reply = await post(url, '{"question":"a"}', { type: json })
    expect(reply.status).toBe(status)
    expect(reply.body).toEqual({ error: { code, message: 'told to people' } })
  })

  it('streams the plan, the evidence and the text as they come, then the answer and its time', async () => {
    const sent = Promise.withResolvers<void>()
    const { url } = await start(async (_input, onEvent) => {
      onEvent?.({ type: 'plan', data: { kind: 'find' } })
      await sent.promise
      onEvent?.({ type: 'evidence', data: { items: [], shown: 0, total: 0 } })
      onEvent?.({ type: 'text', data: { delta: 'two\nlines' } })
      return answer
    })
    const response = await stream(url)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      // The rest is sent only once the plan is here: nothing waits for the end.
      if (text.includes('event: plan')) sent.resolve()
    }
    expect(eventsIn(text)).toEqual([
      ['plan', { kind: 'find' }],
      ['evidence', { items: [], shown: 0, total: 0 }],
      ['text', { delta: 'two\nlines' }],
      ['done', { answer, tookMs: expect.any(Number) }],
    ])
  })

  it('tells a failure in the stream, but not what others say of it', async () => {
    const failures = [
      new MillraceError('model_unavailable', 'the model does not answer'),
      new Error('password=hunter2'),
    ]
    const { url, server } = await start(() => Promise.reject(failures.shift()))
    expect(eventsIn(await (await stream(url)).text())).toEqual([
      ['error', { code: 'model_unavailable', message: 'the model does not answer' }],
    ])
    const [[name, data] = []] = eventsIn(await (await stream(url)).text())
    expect(name).toBe('error')
    expect(data).toMatchObject({ code: 'internal' })
    expect(JSON.stringify([data, server.logged])).not.toContain('hunter2')
  })

  it('keeps a silent stream alive', async () => {
    const beaten = Promise.withResolvers<void>()
    const { url } = await start(() => beaten.promise.then(() => answer), { heartbeatMs: 5 })
    let text = ''
    for await (const chunk of (await stream(url)).body ?? []) {
      text += Buffer.from(chunk).toString()
      if (text.includes(': still here\n\n')) beaten.resolve()
    }
    expect(eventsIn(text).map(([name]) => name)).toEqual(['done'])
  })

  it.each([['text/event-stream'], ['application/json']])(
    'aborts the work when its client goes away (%s)',
    async (accept) => {
      const started = Promise.withResolvers<void>()
      const aborted = Promise.withResolvers<void>()
      const { url } = await start(async ({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve())
        started.resolve()
        await aborted.promise
        return answer
      })
      const client = new AbortController()
      const asking = fetch(url, {
        method: 'POST',
        headers: { 'content-type': json, accept },
        body: '{"question":"why?"}',
        signal: client.signal,
      })
      await started.promise
      client.abort()
      await Promise.allSettled([asking])
      await aborted.promise
    },
  )

  it('answers no more questions at once than it may', async () => {
    const release = Promise.withResolvers<void>()
    const started = Promise.withResolvers<void>()
    const ask: AskPort = async () => {
      started.resolve()
      await release.promise
      return answer
    }
    const { url } = await start(ask, { maxAsks: 1 })
    const first = post(url, '{"question":"a"}', { type: json })
    await started.promise
    const second = await post(url, '{"question":"b"}', { type: json })
    expect(second.status).toBe(503)
    expect(second.headers.get('retry-after')).toBe('1')
    release.resolve()
    expect((await first).status).toBe(200)
    expect((await post(url, '{"question":"c"}', { type: json })).status).toBe(200)
  })

  it('is finished when the server stops meanwhile, and holds it up no longer than that', async () => {
    const { url, server } = await start(
      async (_input, onEvent) => {
        onEvent?.({ type: 'plan', data: {} })
        await stopping.promise
        return answer
      },
      { stopTimeoutMs: 60_000 },
    )
    const stopping = Promise.withResolvers<void>()
    const response = await stream(url)
    const stopped = server.stop()
    stopping.resolve()
    expect(eventsIn(await response.text()).map(([name]) => name)).toEqual(['plan', 'done'])
    await stopped
  })

  it('ends a stream that is still open when the server has waited long enough, and says why', async () => {
    const { url, server } = await start(() => new Promise(() => undefined), { stopTimeoutMs: 1 })
    const response = await stream(url)
    const whole = response.text()
    await server.stop()
    expect(eventsIn(await whole)).toEqual([
      ['error', { code: 'aborted', message: expect.stringContaining('stopping') }],
    ])
  })
})

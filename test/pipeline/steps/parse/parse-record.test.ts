import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attributeLimits } from '../../../../src/pipeline/steps/parse/bound-attributes.ts'
import { parseRecord } from '../../../../src/pipeline/steps/parse/parse-record.ts'
import { maxBodyLength } from '../../../../src/pipeline/steps/parse/safe-text.ts'
import { cpuMs } from '../../../knowledge/cpu-time.ts'
import { arrivedAt, parse } from './parse-line.ts'

/** What Postgres refuses in `text` and `jsonb`. */
function unsafeIn(value: unknown): string[] {
  if (typeof value === 'string')
    return value.includes('\u0000') || !value.isWellFormed() ? [value] : []
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [String(value)]
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  return Object.entries(value).flatMap(([key, item]) => [...unsafeIn(key), ...unsafeIn(item)])
}

const formats = fc.constantFrom(
  '{"level":"info","msg":"x","time":1709622489123,"a":{"b":[1,{"c":null}]}}',
  '{"log":"2024-03-05 07:08:09 ERROR [main] a.b.C: x\\n","stream":"stdout","kubernetes":{"pod_name":"p","labels":{"app":"a"}}}',
  '{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"logRecord":{"body":{"stringValue":"x"}}}',
  '<34>1 2024-03-05T07:08:09Z h a 1 i [x@1 k="v"] m',
  '<34>Mar  5 07:08:09 h a[1]: m',
  'level=info msg="a b" k=v',
  '10.0.0.9 - - [05/Mar/2024:07:08:09 +0000] "GET / HTTP/1.1" 200 1 "-" "x"',
  '2024-03-05 07:08:09,123 INFO [main] a.b.C: x',
  '2024-03-05T07:08:09Z stdout F {"a":1}',
  'E0305 07:08:09.000000 1 a.go:1] x',
)
/** A line of a known format with a piece of it cut, doubled or replaced. */
const damaged = fc
  .tuple(formats, fc.nat(200), fc.nat(200), fc.string({ unit: 'binary', maxLength: 8 }))
  .map(([line, from, to, put]) => line.slice(0, from) + put + line.slice(Math.min(from, to)))

describe('parseRecord', () => {
  test('makes an event that Postgres takes of any bytes, and the same one each time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const event = parseRecord({ data, arrivedAt, partitionKey: 'k' })
        expect(unsafeIn(event)).toEqual([])
        expect(parseRecord({ data, arrivedAt, partitionKey: 'k' })).toEqual(event)
      }),
    )
  })

  test('makes an event that Postgres takes of any damaged line, and of any JSON', () => {
    const json = fc.json({ stringUnit: 'binary' }).map((text) => text.replace(/^\[/, '{"a":['))
    fc.assert(
      fc.property(fc.oneof(damaged, json), (line) => {
        const event = parse(line)
        expect(unsafeIn(event)).toEqual([])
        expect(JSON.parse(JSON.stringify(event.attributes))).toEqual(event.attributes)
        expect(event.severity).toBeGreaterThanOrEqual(0)
        expect(event.severity).toBeLessThanOrEqual(24)
        expect(event.at.getTime()).not.toBeNaN()
        const isEmpty = event.marks.includes('empty')
        expect(event.body === '').toBe(isEmpty)
      }),
      { numRuns: 1_000 },
    )
  })

  test('replaces NUL and halves of surrogate pairs, in bodies, keys, values and names', () => {
    const event = parse(
      '{"msg":"a\\u0000b\\ud800","service":"s\\u0000","k\\u0000":"v\\udfff","n":["\\u0000"]}',
    )
    expect(event.body).toBe('a\ufffdb\ufffd')
    expect(event.service).toBe('s\ufffd')
    expect(event.attributes).toEqual({ 'k\ufffd': 'v\ufffd', n: ['\ufffd'] })
  })

  test('leaves out the codes that colour a terminal', () => {
    expect(parse('\u001b[31mERROR\u001b[0m: red').body).toBe('ERROR: red')
  })

  test('marks bytes that are not UTF-8 and keeps what stands around them', () => {
    const event = parse(Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0x6f, 0x6b))
    expect(event.body).toBe('caf\ufffd ok')
    expect(event.marks).toEqual(['not_utf8'])
  })

  test('reads past a byte order mark', () => {
    expect(parse('\ufeff{"level":"warn","msg":"x"}').severity).toBe(13)
  })

  test.each(['', '   ', '\r\n', '\t'])(
    'marks %j as empty and gives it the time of its arrival',
    (line) => {
      expect(parse(line)).toMatchObject({ body: '', marks: ['empty'], at: arrivedAt })
    },
  )

  test.each(['{"level":"info","msg":"cut', '{"a":1}}', '{"a":NaN}', '{"'])(
    'keeps broken JSON whole, and marks it: %s',
    (line) => {
      expect(parse(line)).toMatchObject({ body: line, marks: ['broken_json'], attributes: {} })
    },
  )

  test.each(['{not json}', '[1,2]', '"x"', '12', '{}', '{"a":{}}', '<', '<1', '[', '-', '{ }'])(
    'keeps what no format admits as the body: %s',
    (line) => expect(parse(line)).toMatchObject({ body: line, marks: [] }),
  )

  test('keeps the first part of a line of five million characters, and marks it', () => {
    const event = parse(`2024-03-05 07:08:09,123 ERROR [main] a.b.C: ${'long '.repeat(1_000_000)}`)
    expect(event.severity).toBe(17)
    expect(event.body.length).toBeLessThanOrEqual(maxBodyLength)
    expect(event.body.startsWith('long long')).toBe(true)
    expect(event.marks).toEqual(['truncated'])
  })

  test('never cuts a character in two', () => {
    const event = parse(`a${'\u{1f600}'.repeat(maxBodyLength)}`)
    expect(event.body.isWellFormed()).toBe(true)
    expect(event.body).not.toContain('\ufffd')
  })

  test('bounds attributes in number, depth and length, and marks it', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, at]))
    let deep: unknown = 1
    for (let level = 0; level < 3_000; level += 1) deep = { d: deep }
    for (const extra of [
      { many },
      { deep },
      { long: 'x'.repeat(200_000) },
      { ['k'.repeat(900)]: 1 },
    ]) {
      const event = parse({ level: 'info', msg: 'x', ...extra })
      expect(event.marks).toEqual(['truncated'])
      expect(event.body).toBe('x')
      expect(JSON.stringify(event.attributes).length).toBeLessThan(attributeLimits.totalLength * 2)
    }
  })

  test('survives JSON nested a million deep', () => {
    expect(parse(`{"a":${'['.repeat(1_000_000)}`).marks).toContain('broken_json')
    expect(parse(`{"msg":"x","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`).body).not.toBe('')
  })
})

describe('time', () => {
  const length = 400_000
  test.each([
    ['letters', 'a'],
    ['digits', '1'],
    ['blanks', ' '],
    ['brackets', '['],
    ['braces', '{'],
    ['angle brackets', '<1>'],
    ['quotes', '"'],
    ['JSON openings', '{"a":'],
    ['backslashes', '\\'],
    ['keys', 'a='],
    ['quoted pairs', 'a="b" '],
    ['open pairs', 'a="\\'],
    ['dates', '2024-03-05 '],
    ['times', '2024-03-05 07:08:09 '],
    ['levels', 'ERROR '],
    ['bracketed levels', '[a:'],
    ['dotted names', 'a.'],
    ['structured data', '<1>1 - - - - - [a b="c"]'],
    ['terminal codes', '\u001b['],
    ['NULs', '\u0000'],
    ['half characters', '\ud800'],
    ['traces', 'trace'],
  ])('grows no faster than a line of %s', (_, piece) => {
    const text = piece.repeat(Math.ceil(length / piece.length))
    const half = Buffer.from(text.slice(0, text.length / 2))
    const whole = Buffer.from(text)
    const run = (data: Uint8Array) => parseRecord({ data, arrivedAt, partitionKey: 'k' })
    run(half)
    const small = cpuMs(() => run(half))
    const large = cpuMs(() => run(whole))
    // Twice the text: 2 when linear, 4 when quadratic. The floor keeps noise of fast runs out.
    expect(large / Math.max(small, 20)).toBeLessThan(3.5)
  })
})

import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { compileFilters, type FilterPattern } from '../../../src/pipeline/filter/filter-pattern.ts'

function record(data: Buffer | string, partitionKey = 'customer-7'): LogRecord {
  return {
    sequence: 9_007_199_254_740_993n,
    partitionKey,
    data: Buffer.from(data),
    arrivedAt: new Date(1_545_084_650_987),
  }
}

const json = (body: unknown) => record(JSON.stringify(body))

/** Whether a body matches a pattern of it. Patterns of tests may be wrong, so they are not typed. */
function matches(pattern: unknown, body: unknown): boolean {
  return compileFilters([{ data: pattern } as FilterPattern])(json(body))
}

const matchesText = (data: unknown, text: Buffer | string) =>
  compileFilters([{ data } as FilterPattern])(record(text))

describe('an operator that AWS documents', () => {
  const isNot = (argument: unknown) => ({ 'anything-but': argument })
  const anyCase = (text: unknown) => ({ 'equals-ignore-case': text })

  test.each<[name: string, matcher: unknown, matching: unknown, other: unknown]>([
    ['equals', 'us-east-1', 'us-east-1', 'us-east-11'],
    ['equals (number)', 3.018e2, 301.8, '301.8'],
    ['equals (boolean)', false, false, 'false'],
    ['empty', '', '', ' '],
    ['null', null, null, ''],
    ['one of a list', 'arn:b', ['arn:a', 'arn:b'], ['arn:a', 'arn']],
    ['begins with', { prefix: '2017-10-02' }, '2017-10-02T18:43:48Z', '12017-10-02'],
    ['begins with (ignore case)', { prefix: anyCase('eventB') }, 'EVENTBridge', 'AnEventB'],
    ['ends with', { suffix: '.png' }, 'image.png', 'image.PNG'],
    ['ends with (ignore case)', { suffix: anyCase('tBridge') }, 'EVENTBRIDGE', 'tBridges'],
    ['equals (ignore case)', anyCase('alice'), 'ALICE', 'Alice B'],
    ['anything-but', isNot('initializing'), 'running', 'initializing'],
    ['anything-but (strings)', isNot(['stopped', 'overloaded']), 'running', 'stopped'],
    ['anything-but (number)', isNot(123), 5, 123],
    ['anything-but (numbers)', isNot([100, 200, 300]), 301.8, 200],
    ['anything-but (begins with)', isNot({ prefix: 'us-' }), 'eu-west-1', 'us-east-1'],
    ['anything-but (one of prefixes)', isNot({ prefix: ['us-', 'eu-'] }), 'ap-1', 'eu-1'],
    ['anything-but (ends with)', isNot({ suffix: '.png' }), 'a.txt', 'a.png'],
    ['anything-but (ignore case)', isNot(anyCase(['a', 'stopped'])), 'running', 'STOPPED'],
    ['anything-but (wildcard)', isNot({ wildcard: '*/lib/*' }), '/usr/bin/x', '/usr/lib/x'],
    ['numeric', { numeric: ['<', 10] }, 3, 10],
    ['numeric (equals)', { numeric: ['=', 3.018e2] }, 301.8, '301.8'],
    ['numeric (range)', { numeric: ['>', 0, '<=', 5] }, 5, 0],
    ['IP address', { cidr: '10.0.0.0/24' }, '10.0.0.255', '10.0.1.0'],
    ['IP address (v6)', { cidr: '2600:6c40::/32' }, '2600:6c40::1', '10.0.0.1'],
    ['exists', { exists: true }, '', undefined],
    ['does not exist', { exists: false }, undefined, null],
    ['wildcard', { wildcard: 'dir/*.png' }, 'dir/a/image.png', 'dir/image.png/'],
    ['wildcard (escaped)', { wildcard: '\\**\\\\' }, '*x\\', 'xx\\'],
  ])('matches what it says and nothing else: %s', (_name, matcher, matching, other) => {
    const pattern = { detail: { field: [matcher] } }
    expect(matches(pattern, { detail: { field: matching } })).toBe(true)
    expect(matches(pattern, { detail: { field: other } })).toBe(false)
    const withAnother = { detail: { field: ['never', matcher] } }
    expect(matches(withAnother, { detail: { field: matching } })).toBe(true)
    expect(matches(withAnother, { detail: { field: other } })).toBe(false)
  })

  test('fields are ANDed, those of $or are not', () => {
    const body = { location: 'New York', day: 'Monday', detail: { spot: false } }
    expect(matches({ location: ['New York'], day: ['Monday'] }, body)).toBe(true)
    expect(matches({ location: ['New York'], day: ['Friday'] }, body)).toBe(false)
    const either = [{ day: ['Friday'] }, { detail: { spot: [false] } }]
    expect(matches({ location: ['New York'], $or: either }, body)).toBe(true)
    expect(matches({ location: ['Boston'], $or: either }, body)).toBe(false)
    expect(matches({ $or: [{ day: ['Friday'] }, { day: ['Sunday'] }] }, body)).toBe(false)
  })

  test('exists looks at leaves only: an object and an empty list are absent', () => {
    for (const body of [{ a: { b: 1 } }, { a: [] }, { a: [[]] }, {}, 7, null]) {
      expect(matches({ a: [{ exists: true }] }, body)).toBe(false)
      expect(matches({ a: [{ exists: false }] }, body)).toBe(true)
      expect(matches({ a: [{ 'anything-but': 'x' }] }, body)).toBe(false)
    }
  })

  test('of a list of objects one has to match the whole pattern', () => {
    const body = { hops: [{ ip: 'a', ms: 1 }, [{ ip: 'b', ms: 2 }], 3] }
    expect(matches({ hops: { ip: ['b'], ms: [2] } }, body)).toBe(true)
    expect(matches({ hops: { ip: ['a'], ms: [2] } }, body)).toBe(false)
  })
})

describe('a filter', () => {
  const accepts = (...patterns: FilterPattern[]) => compileFilters(patterns)(json({ a: 1 }))

  test('without patterns takes every record', () => {
    expect(accepts()).toBe(true)
    expect(compileFilters([])(record('\xff'))).toBe(true)
  })

  test('takes what one of its patterns matches', () => {
    expect(accepts({ partitionKey: ['x'] }, { data: { a: [1] } })).toBe(true)
    expect(accepts({ partitionKey: ['x'] }, { data: { a: [2] } })).toBe(false)
    expect(accepts({ $or: [{ partitionKey: ['x'] }, { data: { a: [1] } }] })).toBe(true)
    expect(accepts({ partitionKey: ['customer-7'], $or: [{ data: { a: [2] } }] })).toBe(false)
  })

  test('looks at a record’s metadata: the number as text, the arrival in seconds', () => {
    expect(accepts({ partitionKey: [{ prefix: 'customer-' }] })).toBe(true)
    expect(accepts({ sequenceNumber: ['9007199254740993'] })).toBe(true)
    expect(accepts({ sequenceNumber: ['9007199254740992'] })).toBe(false)
    expect(accepts({ approximateArrivalTimestamp: [1_545_084_650.987] })).toBe(true)
    expect(accepts({ approximateArrivalTimestamp: [{ numeric: ['<', 1_545_084_650] }] })).toBe(
      false,
    )
  })

  test('parses a body once, and only for a pattern that needs it', () => {
    const body = json({ a: 1, b: 2 })
    const parse = vi.spyOn(JSON, 'parse')
    try {
      const byKey = compileFilters([
        { data: { a: [1] }, partitionKey: ['x'] },
        { data: { a: [2] }, $or: [{ partitionKey: ['y'] }] },
      ])
      expect(byKey(body)).toBe(false)
      expect(parse).toHaveBeenCalledTimes(0)
      const byBody = compileFilters([
        { data: { a: [2], b: [2] } },
        { data: { b: [3] } },
        { data: { b: [2] } },
        { partitionKey: ['x'] },
      ])
      expect(byBody(body)).toBe(true)
      expect(parse).toHaveBeenCalledTimes(1)
    } finally {
      parse.mockRestore()
    }
  })
})

describe('a body', () => {
  test('that is no JSON matches no object pattern, not even an absence', () => {
    for (const text of ['', 'plain', '{"a":', '[x]', '{"a":1} {"a":1}'])
      expect(matchesText({ a: [{ exists: false }] }, text)).toBe(false)
  })

  test('that is no JSON is plain text for a list', () => {
    expect(matchesText(['plain'], 'plain')).toBe(true)
    expect(matchesText([{ wildcard: '*ERROR*' }], '2026 ERROR disk full')).toBe(true)
    expect(matchesText([{ prefix: '{"a":' }], '{"a":')).toBe(true)
    expect(matchesText([''], '')).toBe(true)
  })

  test('that is a JSON scalar or list is that value, not its text', () => {
    expect(matchesText(['plain'], '"plain"')).toBe(true)
    expect(matchesText([404], '404')).toBe(true)
    expect(matchesText(['404'], '404')).toBe(false)
    expect(matchesText([2], '[1,2]')).toBe(true)
    expect(matchesText([{ prefix: '{' }], '{"a":1}')).toBe(false)
  })

  test('has no field of an object’s prototype', () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length']) {
      const pattern = (matcher: unknown) => JSON.parse(`{"${key}":[${JSON.stringify(matcher)}]}`)
      for (const text of ['{}', '[]', '""', '[{}]']) {
        expect(matchesText(pattern({ exists: true }), text)).toBe(false)
        expect(matchesText(pattern({ exists: false }), text)).toBe(true)
      }
      expect(matchesText(pattern('x'), `{"${key}":"x"}`)).toBe(true)
      expect(matchesText({ a: pattern('x') }, `{"a":{"${key}":"x"}}`)).toBe(true)
    }
  })

  test('of any bytes is judged without a throw', () => {
    const filter = compileFilters([
      { data: { a: [{ cidr: '::/0' }], b: { c: [{ 'anything-but': 1 }] } } },
      { data: [{ wildcard: '*a*' }, { 'equals-ignore-case': 'b' }] },
    ])
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
    const nearJson = fc.json().map((text) => Buffer.from(text.slice(0, -1)))
    const anyJson = fc.json().map((text) => Buffer.from(text))
    fc.assert(
      fc.property(fc.oneof(bytes, nearJson, anyJson), (data) => {
        expect(typeof filter(record(data))).toBe('boolean')
      }),
    )
  })

  test('may be nested deeper than calls go', () => {
    const deep = (inner: string) => `${'['.repeat(50_000)}${inner}${']'.repeat(50_000)}`
    expect(matchesText({ a: ['x'] }, deep('{"a":"x"}'))).toBe(true)
    expect(matchesText({ a: ['x'] }, `{"a":${deep('"x"')}}`)).toBe(true)
    expect(matchesText(['x'], deep('"y"'))).toBe(false)
  })

  test('with one byte that is no UTF-8 still shows its other fields', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"level":"error","msg":"caf'),
      Buffer.from([0xe9, 0x22, 0x7d]),
    ])
    expect(matchesText({ level: ['error'] }, bytes)).toBe(true)
  })
})

describe('a wrong pattern is refused', () => {
  const refuses = (patterns: unknown, message: string) => {
    const compile = () => compileFilters(patterns as FilterPattern[], 'pipeline "p"')
    expect(compile).toThrow(MillraceError)
    expect(compile).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(compile).toThrow(`pipeline "p": filters${message}`)
  }
  const circle: Record<string, unknown> = {}
  circle.data = circle
  const top =
    'partitionKey, sequenceNumber, approximateArrivalTimestamp, data, $or; fields of the body stand in data'

  test.each<[message: string, patterns: unknown]>([
    [': expected a list of patterns, got "{}"', '{}'],
    [': expected at most 10 patterns, got 11', new Array(11).fill({ data: [1] })],
    ['[0]: expected a pattern as an object (JSON.parse it), got "{}"', ['{}']],
    ['[0]: expected a pattern, which is an object, got null', [null]],
    ['[0]: expected a pattern, which is an object, got a value of type undefined', new Array(1)],
    ['[0]: expected an object with one or more of partitionKey', [{}]],
    ['[0]: expected JSON of at most 4096 characters, got what JSON.stringify refuses', [circle]],
    ['[0]: expected JSON of at most 4096 characters, got 4109 of', [{ data: ['x'.repeat(4_096)] }]],
    [`[0].level: expected one of ${top}`, [{ level: ['x'] }]],
    ['[0].constructor: expected one of', [{ constructor: ['x'] }]],
    ['[0].partitionKey: expected a list of values or matchers, got "x"', [{ partitionKey: 'x' }]],
    ['[0].partitionKey: expected a list', [{ partitionKey: { a: ['x'] } }]],
    [
      '[0].sequenceNumber[1]: expected a string or a matcher of strings, got 5',
      [{ sequenceNumber: ['5', 5] }],
    ],
    [
      '[0].partitionKey[0]: expected a string or a matcher of strings, got {"numeric":[">",5]}',
      [{ partitionKey: [{ numeric: ['>', 5] }] }],
    ],
    [
      '[0].$or[0].approximateArrivalTimestamp[0]: expected a number or { "numeric": ... }, got "1"',
      [{ $or: [{ approximateArrivalTimestamp: ['1'] }] }],
    ],
    ['[1].data.level: expected a list of', [{ data: [1] }, { data: { level: 'error' } }]],
    ['[0].data["a.b"]: expected a list of values or', [{ data: { 'a.b': [] } }]],
    ['[0].data.a: expected an object of fields, got an empty object', [{ data: { a: {} } }]],
    ['[0].data: expected a list of values', [{ data: new Date(0) }]],
    ['[0].$or: expected a list of patterns, got an empty list', [{ $or: [] }]],
    ['[0].data.$or[0]: expected a pattern', [{ data: { $or: [1] } }]],
    ['[0].$or[0].nope: expected one of', [{ $or: [{ nope: [1] }] }]],
  ])('filters%s', (message, patterns) => refuses(patterns, message))

  const text = 'expected a string that is not empty'
  test.each<[message: string, matcher: unknown]>([
    [': expected a string, a finite number, true, false, null or an object with', undefined],
    [': expected a string, a finite number', 12n],
    [': expected a string, a finite number', Number.NaN],
    [': expected a string, a finite number', Number.POSITIVE_INFINITY],
    [': expected a string, a finite number', ['x']],
    [': expected a string, a finite number', { like: 'x' }],
    [': expected a string, a finite number', { toString: 'x' }],
    [': expected a string, a finite number', { prefix: 'x', suffix: 'y' }],
    [`.prefix: ${text}, or { "equals-ignore-case": STRING }, got an empty string`, { prefix: '' }],
    [`.suffix: ${text}, or { "equals-ignore-case": STRING }, got 5`, { suffix: 5 }],
    ['.equals-ignore-case: expected a string, got ["x"]', { 'equals-ignore-case': ['x'] }],
    ['.exists: expected true or false, got "true"', { exists: 'true' }],
    ['.cidr: expected an address block as "10.0.0.0/24", got "10.0.0.0"', { cidr: '10.0.0.0' }],
    ['.cidr: expected an address block', { cidr: '10.0.0.0/33' }],
    ['.wildcard: expected no two "*" in a row, got "a**"', { wildcard: 'a**' }],
    ['.wildcard: expected "\\" only before "*" or "\\"', { wildcard: 'a\\b' }],
    ['.wildcard: expected at most 128 characters', { wildcard: `*${'a'.repeat(129)}*` }],
    ['.numeric: expected [operator, number] or', { numeric: ['>', 1, '<'] }],
    ['.numeric: expected a number behind each operator, got [">","1"]', { numeric: ['>', '1'] }],
    ['.numeric: expected one of = > >= < <=', { numeric: ['!=', 1] }],
    ['.numeric: expected a range with one of > >= and', { numeric: ['>', 1, '=', 5] }],
    ['.numeric: expected a range that holds a number', { numeric: ['>', 5, '<', 5] }],
    ['.anything-but: expected a value, a list of values', { 'anything-but': [] }],
    ['.anything-but: expected a value', { 'anything-but': { numeric: ['=', 1] } }],
    [`.anything-but: expected prefix with a`, { 'anything-but': { prefix: ['a', ''] } }],
  ])('level[0]%s', (message, matcher) =>
    refuses([{ data: { level: [matcher] } }], `[0].data.level[0]${message}`),
  )

  test('all places in one message, and "filter" where no subject is given', () => {
    const wrong = [{ a: [1] }, { data: { b: [] } }] as unknown as FilterPattern[]
    expect(() => compileFilters(wrong)).toThrow(
      /^filter: filters\[0\]\.a: .*; filters\[1\]\.data\.b: /,
    )
  })
})

describe('against a naive reading of the rules', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 6 })

  test('a wildcard matches what its regular expression does', () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 3 }))
    fc.assert(
      fc.property(pieces, word, (list, text) => {
        const wildcard = list.filter((piece, index) => piece || index === 0).join('*') || '*'
        const source = wildcard.replaceAll('.', '\\.').replaceAll('*', '[^]*')
        expect(matches([{ wildcard }], text)).toBe(new RegExp(`^${source}$`).test(text))
      }),
    )
  })

  test('prefix, suffix and case go by the characters', () => {
    fc.assert(
      fc.property(word, word, (wanted, text) => {
        fc.pre(wanted !== '')
        const [low, lowText] = [wanted.toLowerCase(), text.toLowerCase()]
        const folded = { 'equals-ignore-case': wanted }
        expect(matches([{ prefix: wanted }], text)).toBe(text.startsWith(wanted))
        expect(matches([{ suffix: wanted }], text)).toBe(text.endsWith(wanted))
        expect(matches([{ prefix: folded }], text)).toBe(lowText.startsWith(low))
        expect(matches([{ suffix: folded }], text)).toBe(lowText.endsWith(low))
        expect(matches([folded], text)).toBe(lowText === low)
        expect(matches([{ 'anything-but': { suffix: wanted } }], text)).toBe(!text.endsWith(wanted))
      }),
    )
  })

  test('an IPv4 block goes by the leading bits', () => {
    const address = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 })
    const bitsOf = (parts: number[]) =>
      parts.map((part) => part.toString(2).padStart(8, '0')).join('')
    fc.assert(
      fc.property(address, address, fc.nat(32), fc.nat(32), (block, other, bits, shared) => {
        const ip = [...bitsOf(block).slice(0, shared), ...bitsOf(other).slice(shared)].join('')
        const text = [0, 8, 16, 24].map((at) => Number.parseInt(ip.slice(at, at + 8), 2)).join('.')
        const expected = ip.startsWith(bitsOf(block).slice(0, bits))
        expect(matches([{ cidr: `${block.join('.')}/${bits}` }], text)).toBe(expected)
      }),
    )
  })

  const scalar = fc.constantFrom<unknown>('a', 'b', '', 0, 1, 2, 1e21, true, false, null)
  const bound = fc.integer({ min: -1, max: 3 })
  const matcher = fc.oneof(
    scalar,
    fc.record({ exists: fc.boolean() }),
    fc.record({
      'anything-but': fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })),
    }),
    fc.tuple(fc.constantFrom('=', '>', '>=', '<', '<='), bound).map((numeric) => ({ numeric })),
  )
  /** Below what a filter may have: a longer one is refused. */
  const longest = 4_000
  const { pattern } = fc.letrec<{ pattern: Tree }>((tie) => ({
    pattern: fc
      .record(
        {
          a: fc.oneof(
            { maxDepth: 2 },
            fc.array(matcher, { minLength: 1, maxLength: 3 }),
            tie('pattern'),
          ),
          b: fc.oneof(
            { maxDepth: 2 },
            fc.array(matcher, { minLength: 1, maxLength: 3 }),
            tie('pattern'),
          ),
          $or: fc.array(fc.record({ a: fc.array(matcher, { minLength: 1 }) }), {
            minLength: 1,
            maxLength: 3,
          }),
        },
        { requiredKeys: [] },
      )
      .filter((tree) => Object.keys(tree).length > 0 && JSON.stringify(tree).length <= longest),
  }))
  const { body } = fc.letrec((tie) => ({
    body: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fc.record({ a: tie('body'), b: tie('body') }, { requiredKeys: [] }),
      fc.array(tie('body'), { maxLength: 3 }),
    ),
  }))

  test('fields, lists, numbers, absence and $or nest as they read', () => {
    fc.assert(
      fc.property(pattern, body, (tree, value) => {
        expect(matches(tree, value)).toBe(naive(tree, value))
      }),
      { numRuns: 1_000 },
    )
  })
})

type Tree = { [key: string]: unknown }

/** The rules once more, slow and without the structure of the real thing. */
function naive(pattern: unknown, value: unknown): boolean {
  const candidates = (Array.isArray(value) ? value : [value]).flat(9)
  const isTree = (it: unknown): it is Tree => typeof it === 'object' && it !== null
  if (!Array.isArray(pattern)) {
    const objects = candidates.filter(isTree)
    return (objects.length > 0 ? objects : [{} as Tree]).some((object) =>
      Object.entries(pattern as Tree).every(([key, inner]) =>
        key === '$or'
          ? (inner as Tree[]).some((alternative) => naive(alternative, object))
          : naive(inner, object[key]),
      ),
    )
  }
  const leaves = candidates.filter((it) => it !== undefined && !isTree(it))
  return pattern.some((matcher) => {
    if (!isTree(matcher)) return leaves.includes(matcher)
    if ('exists' in matcher) return matcher.exists === leaves.length > 0
    if ('anything-but' in matcher)
      return leaves.some((leaf) => ![matcher['anything-but']].flat().includes(leaf))
    const [operator, bound] = matcher.numeric as [string, number]
    return leaves.some((leaf) => {
      if (typeof leaf !== 'number') return false
      if (leaf === bound) return operator.includes('=')
      return leaf > bound ? operator.startsWith('>') : operator.startsWith('<')
    })
  })
}

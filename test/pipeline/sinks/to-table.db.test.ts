import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ToTableOptions, toTable } from '../../../src/pipeline/sinks/to-table.ts'
import { testDatabase } from '../../support/database.ts'
import {
  commitBatch,
  contextFor,
  contextOf,
  recordsOf,
  resourcesOf,
  rollBackBatch,
} from './sink-context.ts'

const db = await testDatabase()
const resources = resourcesOf(db)
const open = async (options: ToTableOptions) => toTable<object>(options).open(resources)
const rowsOf = async (table: string, order = '1') =>
  (await db.pool.query(`select * from ${table} order by ${order}`)).rows

describe('toTable', () => {
  it('makes the table, and writes each kind of field as its column holds it', async () => {
    const sink = await open({
      table: 'kinds',
      columns: {
        id: 'int not null',
        at: 'timestamptz',
        raw: 'bytea',
        big: 'bigint',
        'od"d name': 'text',
        tags: 'text[]',
        moments: 'timestamptz[]',
        doc: 'jsonb',
        vector: 'halfvec(3)',
        reals: 'real[]',
        ratio: 'double precision',
        price: 'numeric(10,2)',
        gone: 'text',
      },
      key: ['id'],
    })
    const at = new Date('2026-01-02T03:04:05.678Z')
    await commitBatch(db, sink, [
      {
        id: 1,
        at,
        raw: Buffer.from([0, 255]),
        big: 2n ** 62n,
        'od"d name': 'a\0b\ud800',
        tags: ['x', 'y "z"', null],
        moments: [at],
        doc: { 'k\0': 'v\0', big: 5n, at, bytes: Buffer.from('hi'), list: [undefined, 1] },
        vector: Float32Array.of(1, 0.5, -2),
        reals: Float32Array.of(1.5),
        ratio: Number.NaN,
        price: 12.345,
        gone: undefined,
        other: 'not a column that was asked for',
      },
    ])
    expect(await rowsOf('kinds')).toEqual([
      {
        id: 1,
        at,
        raw: Buffer.from([0, 255]),
        big: String(2n ** 62n),
        'od"d name': 'a\ufffdb\ufffd',
        tags: ['x', 'y "z"', null],
        moments: [at],
        doc: {
          'k\ufffd': 'v\ufffd',
          big: '5',
          at: at.toISOString(),
          bytes: { base64: 'aGk=' },
          list: [null, 1],
        },
        vector: '[1,0.5,-2]',
        reals: [1.5],
        ratio: Number.NaN,
        price: '12.35',
        gone: null,
      },
    ])
  })

  it('writes a batch that was rolled back and comes again once', async () => {
    const sink = await open({ table: 'once', columns: { id: 'int', n: 'int' } })
    const values = [
      { id: 1, n: 1 },
      { id: 2, n: 2 },
    ]
    await rollBackBatch(db, sink, values)
    await commitBatch(db, sink, values)
    expect(await rowsOf('once')).toEqual(values)
  })

  it('uses a table that exists, and the columns that the values have', async () => {
    await db.pool.query('create schema app')
    await db.pool.query('create table app.notes (id int primary key, a text, b text default $$x$$)')
    const sink = await open({ table: 'app.notes', key: ['id'], onConflict: 'replace' })
    await commitBatch(db, sink, [{ id: 1 }, { id: 2, a: 'two' }])
    expect(await rowsOf('app.notes')).toEqual([
      { id: 1, a: null, b: 'x' },
      { id: 2, a: 'two', b: 'x' },
    ])
    await db.pool.query('alter table app.notes add column c int')
    await commitBatch(db, sink, [{ id: 1, c: 3 }])
    expect((await rowsOf('app.notes'))[0]).toEqual({ id: 1, a: null, b: 'x', c: 3 })
  })

  it('takes the table from the name the pipeline runs under', async () => {
    const sink = toTable<object>({
      table: (pipeline) => `out_${pipeline}`,
      columns: { id: 'int' },
    })
    await commitBatch(db, await sink.open(resourcesOf(db, 'replay1')), [{ id: 1 }])
    expect(await rowsOf('out_replay1')).toEqual([{ id: 1 }])
  })

  it('is opened by several workers at a time', async () => {
    const options = { table: 'shared', columns: { id: 'int' }, key: ['id'] }
    await Promise.all([open(options), open(options), open(options)])
    expect(await rowsOf('shared')).toEqual([])
  })

  it('keeps what is stored with a key, unless told otherwise', async () => {
    const columns = { id: 'int', n: 'int' }
    const kept = await open({ table: 'kept', columns, key: ['id'] })
    await commitBatch(db, kept, [
      { id: 1, n: 1 },
      { id: 1, n: 2 },
    ])
    await commitBatch(db, kept, [{ id: 1, n: 3 }])
    expect(await rowsOf('kept')).toEqual([{ id: 1, n: 1 }])
    const strict = await open({ table: 'kept', columns, key: ['id'], onConflict: 'error' })
    await expect(commitBatch(db, strict, [{ id: 1, n: 3 }])).rejects.toMatchObject({
      code: 'database_rejected',
      message: expect.stringContaining('constraint "kept_pkey"'),
    })
  })

  it('folds keys that only the database knows to be equal', async () => {
    const sink = await open({
      table: 'moments',
      columns: { at: 'timestamptz', n: 'int' },
      key: ['at'],
      onConflict: { add: ['n'] },
    })
    await commitBatch(db, sink, [
      { at: '2026-01-01T01:00:00+01:00', n: 1 },
      { at: new Date('2026-01-01T00:00:00Z'), n: 2 },
    ])
    expect(await rowsOf('moments')).toEqual([{ at: new Date('2026-01-01T00:00:00Z'), n: 3 }])
  })

  it('folds any batches as one value after the other would be', async () => {
    const value = fc.record({
      k: fc.constantFrom('a', 'b', 'c'),
      j: fc.integer({ min: 0, max: 1 }),
      sum: fc.option(fc.integer({ min: -100, max: 100 })),
      high: fc.option(fc.integer({ min: -100, max: 100 })),
      low: fc.option(fc.integer({ min: -100, max: 100 })),
      last: fc.option(fc.constantFrom('x', 'y', 'z')),
    })
    type Value = typeof value extends fc.Arbitrary<infer V> ? V : never
    const fold = (a: number | null, b: number | null, by: (a: number, b: number) => number) =>
      a === null || b === null ? (a ?? b) : by(a, b)
    const oracle = (values: readonly Value[]) => {
      const rows = new Map<string, Value>()
      for (const next of values) {
        const key = `${next.k}${next.j}`
        const row = rows.get(key)
        rows.set(
          key,
          row
            ? {
                ...next,
                sum: fold(row.sum, next.sum, (a, b) => a + b),
                high: fold(row.high, next.high, Math.max),
                low: fold(row.low, next.low, Math.min),
              }
            : next,
        )
      }
      return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
    }
    const columns = { k: 'text', j: 'int', sum: 'int', high: 'int', low: 'int', last: 'text' }
    const sink = await open({
      table: 'folded',
      columns,
      key: ['k', 'j'],
      onConflict: { add: ['sum'], max: ['high'], min: ['low'] },
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(value, { maxLength: 12 }), { maxLength: 3 }),
        async (batches) => {
          await db.pool.query('truncate folded')
          for (const batch of batches) {
            await rollBackBatch(db, sink, batch)
            await commitBatch(db, sink, batch)
          }
          expect(await rowsOf('folded', 'k, j')).toEqual(oracle(batches.flat()))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('replaces with the last value of a key', async () => {
    const sink = await open({
      table: 'latest',
      columns: { id: 'int', n: 'int' },
      key: ['id'],
      onConflict: 'replace',
    })
    await commitBatch(db, sink, [
      { id: 2, n: 1 },
      { id: 1, n: 2 },
      { id: 2, n: 3 },
    ])
    await commitBatch(db, sink, [
      { id: 1, n: 4 },
      { id: 1, n: 5 },
    ])
    expect(await rowsOf('latest')).toEqual([
      { id: 1, n: 5 },
      { id: 2, n: 3 },
    ])
  })
})

describe('toTable refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['unknown keys', { table: 't', extra: 1 }, /extra/],
    ['no table', {}, /table: expected a name or a function/],
    [
      'a type that is more than one',
      { table: 't', columns: { a: 'int); drop table x; --' } },
      /columns\.a: expected a type/,
    ],
    ['a type with a default', { table: 't', columns: { a: "int default 'x'" } }, /columns\.a/],
    ['no columns', { table: 't', columns: {} }, /at least one column/],
    [
      'a key that is not declared',
      { table: 't', columns: { a: 'int' }, key: ['b'] },
      /declared, got "b"/,
    ],
    ['a key with a column twice', { table: 't', key: ['a', 'a'] }, /key: expected "a" once/],
    ['replace without a key', { table: 't', onConflict: 'replace' }, /key: expected the columns/],
    [
      'another conflict',
      { table: 't', key: ['a'], onConflict: 'merge' },
      /onConflict: expected 'error'/,
    ],
    [
      'a column added and in the key',
      { table: 't', key: ['a'], onConflict: { add: ['a'] } },
      /expected "a" once/,
    ],
    [
      'a column folded twice',
      { table: 't', key: ['a'], onConflict: { add: ['b'], max: ['b'] } },
      /expected "b" once/,
    ],
    ['nothing to fold', { table: 't', key: ['a'], onConflict: {} }, /add, max or min/],
  ])('%s', (_what, options, message) => {
    expect(() => toTable(options as ToTableOptions)).toThrow(message)
  })

  it.each<[string, ToTableOptions, RegExp]>([
    ['a missing table', { table: 'nowhere' }, /table "nowhere" does not exist/],
    ['a name of three parts', { table: 'a.b.c' }, /expected NAME or SCHEMA.NAME/],
    ["Millrace's own tables", { table: 'millrace.frame' }, /Millrace's own/],
    ['a name that is cut off', { table: 'x'.repeat(64) }, /1 to 63 bytes/],
    [
      'a type that does not exist',
      { table: 'n', columns: { a: 'nonsense' } },
      /columns\.a.*"nonsense"/,
    ],
    ['words that are no type', { table: 'n', columns: { a: 'int primary key' } }, /columns\.a/],
    ['a view', { table: 'pg_catalog.pg_tables' }, /to be a table/],
    ['a key without an index', { table: 'plain', key: ['a'] }, /unique index on \(a\)/],
    ['a column that is missing', { table: 'plain', columns: { z: 'int' } }, /no column "z"/],
    [
      'a column of another type',
      { table: 'plain', columns: { a: 'text' } },
      /declared type, it is integer/,
    ],
    ['a column the database makes', { table: 'plain', columns: { made: 'int' } }, /generated/],
  ])('to open %s', async (_what, options, message) => {
    await db.pool.query(
      'create table if not exists plain (a int, made int generated always as (a + 1) stored)',
    )
    await expect(open(options)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(message),
    })
  })

  it('a value that cannot be written, naming its record and never what is in it', async () => {
    const sink = await open({ table: 'wary', columns: { id: 'int', doc: 'jsonb' }, key: ['id'] })
    const circle: Record<string, unknown> = { secret: 'hunter2' }
    circle.self = circle
    const context = contextOf(recordsOf(['a', 'b']))
    const failures = await Promise.all(
      [
        commitBatch(db, sink, [{ id: 1 }, { id: undefined }], context),
        commitBatch(db, sink, [{ id: 1 }, { id: 2, doc: circle }], context),
        commitBatch(db, sink, [{ id: 1 }, 'hunter2' as unknown as object], context),
        commitBatch(db, sink, [{ id: 1 }, ['hunter2']], context),
        commitBatch(db, sink, [{ id: 1 }, { id: 'hunter2' }], context),
      ].map((work) =>
        work.then(
          () => '',
          (error: Error) => error.message,
        ),
      ),
    )
    expect(failures).toEqual([
      'table "wary", column "id": expected a key, got none, in the value of record 2 of shard 0 of stream "in"',
      expect.stringContaining('column "doc": expected what JSON can hold, got a circle'),
      expect.stringContaining('expected objects'),
      expect.stringContaining('got a list; map the values to objects first (flatMap'),
      'writing to table "wary": the database refused it (22P02)',
    ])
    expect(failures.join()).not.toContain('hunter2')
    expect(await rowsOf('wary')).toEqual([])
  })

  it('a field without a column, and says so again until there is one', async () => {
    await db.pool.query('create table narrow (id int)')
    const sink = await open({ table: 'narrow' })
    await expect(commitBatch(db, sink, [{}], contextFor([{}]))).rejects.toThrow(
      'expected values with fields that are columns, got none',
    )
    const write = () => commitBatch(db, sink, [{ id: 1, more: 2 }])
    await expect(write()).rejects.toThrow('table "narrow" has no column "more"')
    await db.pool.query('alter table narrow add column more int')
    await write()
    await db.pool.query('drop table narrow')
    await expect(write()).rejects.toThrow('table "narrow" does not exist')
    await expect(sink.prepare([{ id: 1 }], contextFor([1]))).rejects.toThrow('does not exist')
  })
})

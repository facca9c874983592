import { describe, expect, test } from 'vitest'
import { readSessionCommands } from '../../../src/db/embedded/session-commands.ts'
import { splitStatements } from '../../../src/db/embedded/split-statements.ts'

describe('splitStatements', () => {
  test.each([
    ['select 1; select 2;', ['select 1', 'select 2']],
    [' ; ;', []],
    ["select ';', 'it''s;'; x", ["select ';', 'it''s;'", 'x']],
    ["select E'\\';'; x", ["select E'\\';'", 'x']],
    ['select "a;""b" ; x', ['select "a;""b"', 'x']],
    ['do $$ begin; end $$; x', ['do $$ begin; end $$', 'x']],
    ['do $a$ ; $$ ; $a$; x', ['do $a$ ; $$ ; $a$', 'x']],
    ['select $1; x', ['select $1', 'x']],
    ['select a$b$c; x', ['select a$b$c', 'x']],
    ['/* ; /* ; */ ; */ select 1 -- ;\n; x', ['select 1', 'x']],
    ["select 'open; x", ["select 'open", 'x']],
    ['select /* open ; x', ['select']],
  ])('%s', (sql, statements) => expect(splitStatements(sql)).toEqual(statements))
})

describe('readSessionCommands', () => {
  const read = (sql: string) => readSessionCommands(sql, (name) => `c7_${name}`)

  test('sees which channels are wanted, as Postgres folds their names', () => {
    expect(read('LISTEN "jobs:insert"; listen Plain; unlisten *')).toMatchObject({
      listens: ['jobs:insert', 'plain'],
      unlistens: ['*'],
    })
    expect(read('/* why */ unlisten "a""b"').unlistens).toEqual(['a"b'])
  })

  test('gives a client’s statements its own names', () => {
    expect(read('prepare Foo (int) as select $1').sql).toBe('prepare "c7_foo" (int) as select $1')
    expect(read('execute "Foo"(1)').sql).toBe('execute "c7_Foo"(1)')
    expect(read('deallocate prepare foo;').sql).toBe('deallocate prepare "c7_foo"')
    expect(read("prepare transaction 'x'").sql).toBe("prepare transaction 'x'")
  })

  test('lets nobody set a timeout that would end the session of all', () => {
    expect(
      read('begin; SET LOCAL idle_in_transaction_session_timeout = 10000; set lock_timeout = 1')
        .sql,
    ).toBe('begin;SET LOCAL idle_in_transaction_session_timeout = 0;set lock_timeout = 1')
    expect(read("set session transaction_timeout to '1s'").sql).toBe(
      'set session transaction_timeout = 0',
    )
    expect(read('set idle_session_timeout to default').sql).toBe('set idle_session_timeout = 0')
    expect(read('show transaction_timeout').sql).toBe('show transaction_timeout')
  })

  test('tells COPY from the client from any other COPY', () => {
    expect(read('COPY public.t (a, b) FROM stdin;').copy).toEqual({ isBinary: false })
    expect(read('copy t from stdin with (format binary)').copy).toEqual({ isBinary: true })
    expect(read("copy (select ' from stdin') to stdout").copy).toBeUndefined()
    expect(read("insert into t values ('copy t from stdin')").copy).toBeUndefined()
    expect(read('select 1; copy t from stdin').refused).toContain('alone')
  })

  test('sees what would destroy the statements of all', () => {
    expect(read('DISCARD ALL').forget).toBe('DISCARD ALL')
    expect(read('deallocate prepare all;').forget).toBe('DEALLOCATE ALL')
    expect(read('select 1; discard all').refused).toContain('alone')
    expect(read('discard temp').forget).toBeUndefined()
  })

  test('leaves everything else as it is', () => {
    const sql = "select 'listen x; discard all', $$ execute y $$ -- copy z from stdin"
    expect(read(sql)).toEqual({
      sql,
      listens: [],
      unlistens: [],
      copy: undefined,
      forget: undefined,
      prepares: [],
      refused: undefined,
    })
  })
})

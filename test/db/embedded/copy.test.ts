import { rm } from 'node:fs/promises'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type EmbeddedDatabase, openEmbedded } from '../../../src/db/embedded/open-embedded.ts'
import { cString, queryMessage, wireMessage } from '../../../src/db/embedded/wire.ts'
import { makeDir, silent, testClient } from './embedded-database.ts'
import { bind, codeOf, execute, parse, typesOf, wireClient } from './wire-client.ts'

let dir: string
let engine: EmbeddedDatabase
let client: pg.Client

beforeAll(async () => {
  dir = await makeDir('ready')
  const limits = { maxRequestBytes: 4 * 1024 * 1024 }
  engine = await openEmbedded({ logger: silent }, { dir, limits })
})
afterAll(async () => {
  await engine.close()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  client = await testClient(engine)
  await client.query('drop table if exists item; create table item (id int, body text)')
})

const receive = async (sql: string): Promise<Buffer> => {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
  await pipeline(client.query(copyTo(sql)), sink)
  return Buffer.concat(chunks)
}
const send = (sql: string, chunks: Iterable<string | Buffer>) =>
  pipeline(Readable.from(chunks), client.query(copyFrom(sql)))

test('COPY brings 50,000 rows in and out again as they were', async () => {
  const lines = Array.from({ length: 50_000 }, (_, id) => `${id}\tbody ${id}\n`)
  await send('copy item from stdin', lines)
  expect(`${await receive('copy (select * from item order by id) to stdout')}`).toBe(lines.join(''))
})

test('binary COPY takes what binary COPY gave', async () => {
  await client.query('insert into item select n, repeat(n::text, n) from generate_series(1, 500) n')
  const bytes = await receive('copy item to stdout (format binary)')
  await client.query('create temp table copied (like item)')
  await send('copy copied from stdin (format binary)', [bytes.subarray(0, 10), bytes.subarray(10)])
  const { rows } = await client.query(
    '(table item except table copied) union all (table copied except table item)',
  )
  expect(rows).toEqual([])
  await client.query('drop table copied')
})

test('COPY goes on beside other clients, and inside a transaction that is rolled back', async () => {
  const other = await testClient(engine)
  await client.query('begin')
  await send('copy item from stdin', ['1\tone\n', '2\ttwo\n'])
  const seen = other.query('select count(*)::int as items from item')
  await client.query('rollback')
  expect((await seen).rows).toEqual([{ items: 0 }])
})

test.each([
  ['a bad row', 'copy item from stdin', ['x\ty\n', '1\tone\n'], '22P02'],
  ['an unknown table', 'copy nowhere from stdin', ['1\tone\n'], '42P01'],
  ['too many bytes', 'copy item from stdin', Array(80).fill(`1\t${'x'.repeat(65_000)}\n`), '57014'],
])('COPY with %s fails as a whole, and the connection goes on', async (_what, sql, rows, code) => {
  await expect(send(sql, rows)).rejects.toMatchObject({ code })
  expect((await client.query('select count(*)::int as items from item')).rows).toEqual([
    { items: 0 },
  ])
})

test('COPY that the client gives up has its reason in the error', async () => {
  const wire = await wireClient(engine)
  wire.send(queryMessage('copy item from stdin'))
  await wire.until('G')
  wire.send(wireMessage('d', Buffer.from('1\tone\n')), wireMessage('f', cString('changed my mind')))
  const answer = await wire.until('Z')
  expect([typesOf(answer), codeOf(answer)]).toEqual(['EZ', '57014'])
  expect(`${answer[0]?.bytes}`).toContain('changed my mind')
})

test.each([
  ['among other statements', [queryMessage('select 1; copy item from stdin')]],
  ['with parameters', [parse('', 'copy item from stdin'), bind(''), execute(), wireMessage('S')]],
  ['hidden by comments', [queryMessage('begin; /* a; */ copy --\n item from/**/stdin')]],
])('COPY FROM STDIN %s is refused, and nobody is harmed', async (_what, messages) => {
  const wire = await wireClient(engine)
  wire.send(...messages)
  expect(codeOf(await wire.until('Z'))).toBe('0A000')
  wire.socket.destroy()
  expect((await client.query('select 1 as x')).rows).toEqual([{ x: 1 }])
})

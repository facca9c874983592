import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openEmbedded } from '../../../src/db/embedded/open-embedded.ts'
import { memoryLogger } from '../../embed/memory-logger.ts'
import { makeDir, silent, testClient, testDir, testEngine } from './embedded-database.ts'

const open = (dir: string, options = {}) => openEmbedded({ logger: silent }, { dir, ...options })

const run = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

/** Every test but a few opens this folder, closes it and leaves it to the next. */
let dir: string
beforeAll(async () => {
  dir = await makeDir('ready')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Another process that opens the folder; what it said first. */
async function otherProcess(
  dir: string,
): Promise<{ child: ChildProcess; said: { url?: string; error?: string } }> {
  const script = join(import.meta.dirname, 'hold-engine.ts')
  const child = spawn(process.execPath, [script, dir], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  return { child, said: JSON.parse(line) }
}

test('a folder that is open is refused to the same process and to others, naming who has it', async () => {
  const { url } = await testEngine({ dir })
  await expect(open(dir)).rejects.toMatchObject({
    code: 'data_dir_locked',
    details: { pid: process.pid, url },
  })
  const { said } = await otherProcess(dir)
  expect(said.error).toContain(`process ${process.pid} `)
  expect(said.error).toContain(`DATABASE_URL='${url}'`)
})

test('after kill -9 the folder opens again, with every row that was acknowledged', async () => {
  const { child, said } = await otherProcess(dir)
  await expect(open(dir)).rejects.toMatchObject({ details: { pid: child.pid } })
  const client = new pg.Client(said.url)
  client.on('error', () => undefined)
  await client.connect()
  await client.query('create table kept (id int)')
  let acknowledged = 0
  const writing = (async () => {
    for (;;) {
      await client.query('insert into kept values ($1)', [acknowledged])
      acknowledged += 1
      if (acknowledged === 200) child.kill('SIGKILL')
    }
  })()
  await expect(writing).rejects.toThrow()
  if (child.signalCode === null) await once(child, 'exit')
  const engine = await open(dir)
  onTestFinished(() => engine.close())
  const ids = await run(engine.url, 'select id from kept order by id')
  expect(ids.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, id) => id))
  expect(acknowledged).toBeGreaterThanOrEqual(200)
})

test('close leaves no lock, socket or thread, and what is copied then opens elsewhere', async () => {
  const { child, said } = await otherProcess(dir)
  await run(said.url ?? '', 'create table copied as select 7 as x')
  child.stdin?.end()
  // Nothing but the engine was there to keep the process alive.
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(readdirSync(dir)).toEqual(['pgdata'])
  const copy = await testDir('empty')
  cpSync(dir, copy, { recursive: true })
  const engine = await open(copy)
  expect(await run(engine.url, 'select x from copied')).toEqual([7])
  await engine.close()
  expect(readdirSync(copy)).toEqual(['pgdata'])
})

test('close waits for what was sent, tells the others why, and may be called twice', async () => {
  const engine = await testEngine({ dir })
  const clients = await Promise.all([1, 2, 3, 4].map(() => testClient(engine)))
  const told = once(await testClient(engine), 'error')
  await clients[0]?.query('create table slow (id int)')
  const inserts = clients.map((client) =>
    client.query('insert into slow select generate_series(1, 20000)'),
  )
  await inserts[0]
  const closing = engine.close()
  expect(engine.close()).toBe(closing)
  expect((await Promise.all(inserts)).map(({ rowCount }) => rowCount)).toEqual(
    Array(4).fill(20_000),
  )
  expect((await told)[0]).toMatchObject({ code: '57P01' })
  await closing
  await using again = await open(dir)
  expect(await run(again.url, 'select count(*)::int from slow')).toEqual([80_000])
})

test('close rolls back a transaction that does not end', async () => {
  const upkeep = { checkpointLookMs: 5, vacuumMs: 5 }
  const engine = await testEngine({ dir, upkeep, limits: { closeGraceMs: 50 } })
  const client = await testClient(engine)
  await client.query('create table undone (id int)')
  await client.query('begin; insert into undone values (1)')
  // Long enough for upkeep to be waiting for its end too.
  for (let round = 0; round < 100; round += 1) await client.query('select 1')
  await engine.close()
  await using again = await open(dir)
  expect(await run(again.url, 'select count(*)::int from undone')).toEqual([0])
})

test('close does not wait for ever for a statement that runs, and loses nothing', async () => {
  const engine = await testEngine({ dir, limits: { closeTimeoutMs: 100 } })
  const [keeper, sleeper] = await Promise.all([testClient(engine), testClient(engine)])
  await keeper.query('create table if not exists once as select 1 as x')
  const endless = sleeper.query('select count(*) from generate_series(1, 1e12::bigint)')
  await Promise.all([expect(endless).rejects.toThrow(), engine.close()])
  await using again = await open(dir)
  expect(await run(again.url, 'select x from once')).toEqual([1])
})

test('an engine that fails breaks its connections, recovers by itself and has what was acknowledged', async () => {
  const { logger, lines } = memoryLogger()
  await using engine = await openEmbedded({ logger }, { dir })
  await run(engine.url, 'create table if not exists once as select 1 as x')
  const bystander = await testClient(engine)
  const told = once(bystander, 'error')
  const wal = join(dir, 'pgdata', 'pg_wal')
  renameSync(wal, `${wal}.away`)
  await expect(
    run(engine.url, 'select pg_switch_wal(); insert into once values (2)'),
  ).rejects.toThrow(/pg_wal/)
  expect((await told)[0]).toMatchObject({ code: '57P03' })
  renameSync(`${wal}.away`, wal)
  const rows = await vi.waitFor(() => run(engine.url, 'select x from once'), 20_000)
  expect(rows).toEqual([1])
  expect(lines.map(({ msg }) => msg)).toEqual(['engine.failed', 'engine.recovered'])
  await expect(open(dir)).rejects.toMatchObject({ code: 'data_dir_locked' })
})

test('a first start that was cut off is begun again', async () => {
  const half = await testDir('empty')
  mkdirSync(join(half, 'pgdata', 'base'), { recursive: true })
  writeFileSync(join(half, 'pgdata', 'PG_VERSION'), '18\n')
  writeFileSync(join(half, 'initialising'), '')
  await using engine = await open(half)
  expect(await run(engine.url, 'select 1')).toEqual([1])
  expect(existsSync(join(half, 'initialising'))).toBe(false)
  expect(statSync(half).mode & 0o777).toBe(0o700)
})

test('a path too long for a socket has it in a private folder, removed on close', async () => {
  const long = join(await testDir('empty'), 'long'.repeat(30))
  cpSync(dir, long, { recursive: true })
  const engine = await open(long)
  const folder = `${engine.connection.host}`
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(await run(engine.url, 'select 1')).toEqual([1])
  await engine.close()
  expect(existsSync(folder)).toBe(false)
})

test('over TCP the password is asked for', async () => {
  const engine = await testEngine({ dir, transport: 'tcp' })
  expect(await run(engine.url, 'select 1')).toEqual([1])
  const wrong = new pg.Client({ ...engine.connection, password: 'guess' })
  await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' })
})

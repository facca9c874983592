import { expect, inject, it, onTestFinished } from 'vitest'
import { startPostgresProxy } from '../../bench/chaos/postgres-proxy.ts'
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { toMillraceError } from '../../src/db/sqlstate.ts'
import { createNative } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })
const silentMs = 600

async function openRig() {
  const template = inject('template')
  if (template.engine !== 'postgres') return expect.unreachable()
  const { url, drop } = await createNative(template)
  const proxy = await startPostgresProxy(url)
  const pool = createPool({ logger }, { url: proxy.url, silentMs })
  onTestFinished(async () => {
    await pool.end()
    await proxy[Symbol.asyncDispose]()
    await drop()
  })
  const openClients = (count: number) =>
    Promise.all(Array.from({ length: count }, () => pool.connect()))
  const isThere = async (pids: number[]) =>
    (await pool.query('select from pg_stat_activity where pid = any($1)', [pids])).rowCount
  return { proxy, pool, openClients, isThere }
}

const pidOf = async (client: { query: (text: string) => Promise<{ rows: { pid: number }[] }> }) => {
  const { rows } = await client.query('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}

it('ends what waits on a connection that carries nothing any more, and all that are as silent', async () => {
  const { proxy, pool, openClients, isThere } = await openRig()
  const clients = await openClients(4)
  const pids = await Promise.all(clients.map(pidOf))
  const [locker] = clients
  await locker?.query('begin; create table held (id int)')
  for (const client of clients.slice(1)) client.release()
  proxy.forget()

  const failure = await pool.query('select 1').catch((error: unknown) => error)
  expect(toMillraceError(failure, 'asking')).toMatchObject({
    code: 'database_unavailable',
    retryable: true,
  })
  // The others are gone with it, so nobody waits for them in turn.
  const began = performance.now()
  expect(await pool.query('select 1')).toMatchObject({ rowCount: 1 })
  expect(performance.now() - began).toBeLessThan(silentMs)
  await expect(locker?.query('select 1')).rejects.toThrow('not queryable')
  locker?.release(true)
  // There, too, with their locks.
  await expect.poll(() => isThere(pids)).toBe(0)
}, 20_000)

it('lets a statement take as long as it likes', async () => {
  const { pool } = await openRig()
  const idle = await pool.connect()
  const pid = await pidOf(idle)
  await pool.query(`select pg_sleep(${(6 * silentMs) / 1000})`)
  expect(await pidOf(idle)).toBe(pid)
  idle.release()
}, 20_000)

it('cuts nothing while the database is away as a whole', async () => {
  const { proxy, pool } = await openRig()
  const client = await pool.connect()
  const pid = await pidOf(client)
  proxy.stall()
  const answered = client.query('select 1')
  setTimeout(() => proxy.flow(), 5 * silentMs)
  expect(await answered).toMatchObject({ rowCount: 1 })
  expect(await pidOf(client)).toBe(pid)
  client.release()
}, 20_000)

it('reads what has come while the process was kept from it, before it judges', async () => {
  const { pool } = await openRig()
  const client = await pool.connect()
  const pid = await pidOf(client)
  const answered = client.query('select 1')
  const until = performance.now() + 4 * silentMs
  while (performance.now() < until);
  expect(await answered).toMatchObject({ rowCount: 1 })
  expect(await pidOf(client)).toBe(pid)
  client.release()
}, 20_000)

it('believes no replica, which does not know the primary’s sessions', async () => {
  const { proxy, pool } = await openRig()
  // New connections find a server that says it is one.
  await pool.query(`
    create schema standby;
    create function standby.pg_is_in_recovery() returns bool language sql as 'select true';
    do $$ begin
      execute format('alter database %I set search_path = standby, pg_catalog', current_database());
    end $$`)
  proxy.forget()
  const answered = pool.query('select 1').then(
    () => 'answered',
    () => 'cut',
  )
  const later = new Promise((resolve) => setTimeout(() => resolve('waits'), 5 * silentMs))
  expect(await Promise.race([answered, later])).toBe('waits')
  await pool.query('alter function standby.pg_is_in_recovery() rename to was_a_replica')
  expect(await answered).toBe('cut')
}, 20_000)

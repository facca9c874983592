import { readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Setting, Store } from './contender.ts'

/**
 * A database of a contender's own on the server of DATABASE_URL, set up by `fill` and dropped when it is disposed of.
 * It counts all tables with their indexes, and the server's WAL.
 */
export async function postgresStore(
  setting: Setting,
  name: string,
  fill: (client: pg.Client, url: string) => Promise<Record<string, string>>,
): Promise<Store> {
  const database = `millrace_bench_append_${process.pid}_${name.replaceAll('-', '_')}`
  const url = new URL(setting.databaseUrl)
  url.pathname = `/${database}`
  const drop = () =>
    asAdmin(setting.databaseUrl, `drop database if exists ${database} with (force)`)
  await asAdmin(setting.databaseUrl, `create database ${database}`)
  const client = new pg.Client(url.href)
  client.on('error', () => undefined)
  const number = async (query: string) => {
    const { rows } = await client.query<[string]>({ text: query, rowMode: 'array' })
    return Number(rows[0]?.[0])
  }
  const dispose = async () => {
    await client.end().catch(() => undefined)
    await drop()
  }
  try {
    await client.connect()
    const versions = await fill(client, url.href)
    return {
      url: url.href,
      serverPid: await postmasterOf(await number('select pg_backend_pid()')),
      versions,
      storedBytes: () =>
        number(
          `select sum(pg_total_relation_size(c.oid))
             from pg_class c
             join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'm')
              and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
        ),
      walBytes: () => number(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`),
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function asAdmin(databaseUrl: string, statement: string): Promise<void> {
  const admin = new pg.Client(databaseUrl)
  await admin.connect()
  await admin.query(statement).finally(() => admin.end())
}

/** The parent of a backend, when the server runs on this machine. */
async function postmasterOf(backend: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${backend}/stat`, 'utf8').catch(() => '')
  const end = text.lastIndexOf(')')
  const isPostgres = text.slice(text.indexOf('(') + 1, end) === 'postgres'
  return isPostgres ? Number(text.slice(end + 4).split(' ')[0]) : undefined
}

/** One connection a slot. */
export async function connectSlots(url: string, count: number): Promise<pg.Client[]> {
  const clients = Array.from({ length: count }, () => new pg.Client(url))
  // A lost connection fails the put under way, which says so.
  for (const client of clients) client.on('error', () => undefined)
  await Promise.all(clients.map((client) => client.connect()))
  return clients
}

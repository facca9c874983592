import pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { runProcess } from '../support/run-process.ts'

const logger = createLogger({ level: 'silent' })

/** A database without anything of ours, dropped after the test. */
async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const template = inject('template')
  if (template.engine !== 'postgres') throw new Error('needs DATABASE_URL')
  const name = `millrace_empty_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const admin = async (statement: string) => {
    const client = new pg.Client(template.url)
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await admin(`create database ${name}`)
  const url = new URL(template.url)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => admin(`drop database ${name} with (force)`) }
}

describe('migrations', () => {
  it('run once when several processes start together', async () => {
    const { url, drop } = await emptyDatabase()
    const starts = Array.from({ length: 4 }, () =>
      runProcess('src/cli/bin.ts', ['migrate'], { DATABASE_URL: url }),
    )
    const codes = await Promise.all(starts.map((start) => start.exited))
    expect([codes, starts.map((start) => start.errors())]).toEqual([
      [0, 0, 0, 0],
      ['', '', '', ''],
    ])
    const client = new pg.Client(url)
    await client.connect()
    const { rows } = await client.query('select hash from millrace.migration')
    expect(new Set(rows.map((row) => row.hash)).size).toBe(rows.length)
    await client.end()
    await drop()
  })

  it('refuse a database that a newer version has migrated, and one whose history is another', async () => {
    const { url, drop } = await emptyDatabase()
    const database = await openDatabase({ logger }, { databaseUrl: url, dir: '' })
    await database.pool.query(
      `insert into millrace.migration (hash, created_at) values ('from the future', 9999999999999)`,
    )
    const open = () => openDatabase({ logger }, { databaseUrl: url, dir: '' })
    await expect(open()).rejects.toMatchObject({ code: 'migration_refused' })
    await database.pool.query(`delete from millrace.migration where hash = 'from the future'`)
    await database.pool.query(`update millrace.migration set hash = 'edited' where id = 1`)
    await expect(open()).rejects.toThrow(/diverged/)
    await database.close()
    await drop()
  })

  it('say that the search_path hides pgvector', async () => {
    const { url, drop } = await emptyDatabase()
    await (await openDatabase({ logger }, { databaseUrl: url, dir: '' })).close()
    const client = new pg.Client(url)
    await client.connect()
    await client.query(
      `do $$ begin execute format('alter database %I set search_path to nowhere', current_database()); end $$`,
    )
    await client.end()
    await expect(openDatabase({ logger }, { databaseUrl: url, dir: '' })).rejects.toThrow(
      /search_path of DATABASE_URL's user to name "public"/,
    )
    await drop()
  })

  it('say what is wrong with a server that does not answer', async () => {
    await expect(
      openDatabase({ logger }, { databaseUrl: 'postgres://postgres@127.0.0.1:1/x', dir: '' }),
    ).rejects.toMatchObject({ code: 'database_unavailable', message: /DATABASE_URL/ })
  })
})

import pg from 'pg'
import { loadConfig } from '../../src/base/config.ts'
import { createLogger } from '../../src/base/logger.ts'
import { type Database, openDatabase } from '../../src/db/open-database.ts'

/** A fresh, migrated database on the server of DATABASE_URL, dropped when it is disposed of. */
export async function scratchDatabase(
  options: { maxConnections?: number } = {},
): Promise<Database> {
  const { databaseUrl } = loadConfig()
  if (databaseUrl === undefined)
    throw new Error('expected DATABASE_URL: this measures a PostgreSQL server')
  const name = `millrace_bench_${process.pid}`
  const admin = async (statement: string) => {
    const client = new pg.Client(databaseUrl)
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  await admin(`create database ${name}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const logger = createLogger({ level: 'error' })
  const db = await openDatabase({ logger }, { databaseUrl: url.href, dir: '', ...options })
  const close = async () => {
    await db.close()
    await admin(`drop database if exists ${name} with (force)`)
  }
  return { ...db, close, [Symbol.asyncDispose]: close }
}

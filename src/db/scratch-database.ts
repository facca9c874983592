import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Logger } from '../base/logger.ts'
import { type Database, openDatabase } from './open-database.ts'
import { toMillraceError } from './sqlstate.ts'

/**
 * A fresh, migrated database that is gone when it is closed: on the server of `databaseUrl`, whose user needs the right to
 * create databases, else on an embedded engine in a temporary folder. What is there already is not touched.
 * A crash leaves it behind: a database called `millrace_scratch_...`, or a folder of that name.
 */
export async function openScratchDatabase(
  deps: { logger: Logger },
  options: { databaseUrl: string | undefined; maxConnections?: number },
): Promise<Database> {
  const { databaseUrl, ...limits } = options
  if (databaseUrl === undefined) {
    const dir = await mkdtemp(join(tmpdir(), 'millrace_scratch_'))
    const drop = () => rm(dir, { recursive: true, force: true })
    const db = await openDatabase(deps, { databaseUrl, dir, ...limits }).catch(async (error) => {
      await drop()
      throw error
    })
    return closedBy(db, drop)
  }
  const name = `millrace_scratch_${process.pid}_${randomUUID().slice(0, 8)}`
  const admin = async (statement: string) => {
    const client = new pg.Client(databaseUrl)
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }
  const drop = () => admin(`drop database if exists ${name} with (force)`)
  await admin(`create database ${name}`).catch((error: unknown) => {
    throw toMillraceError(error, 'creating a database for the time being')
  })
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const db = await openDatabase(deps, { databaseUrl: url.href, dir: '', ...limits }).catch(
    async (error) => {
      await drop()
      throw error
    },
  )
  return closedBy(db, drop)
}

function closedBy(db: Database, drop: () => Promise<void>): Database {
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= db.close().finally(drop)
    return closing
  }
  return { ...db, close, [Symbol.asyncDispose]: close }
}

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { type Database, openDatabase } from '../../src/db/open-database.ts'

const logger = createLogger({ level: 'silent' })

/**
 * A fresh, migrated database of the test file's own, on the native server when DATABASE_URL is set and on the embedded
 * engine otherwise. It is closed and removed after the file's tests; a pool that cannot be ended fails the file.
 * Call it at the top of the file: inside a hook or a test vitest drops the clean-up that is registered here.
 */
export async function testDatabase(): Promise<Database> {
  const template = inject('template')
  if (template.engine === 'embedded') {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-test-'))
    await cp(template.dir, dir, { recursive: true })
    const database = await openDatabase({ logger }, { databaseUrl: undefined, dir })
    afterAll(async () => {
      await database.close()
      await rm(dir, { recursive: true, force: true })
    })
    return database
  }
  const { url, drop } = await createNative(template)
  const database = await openDatabase({ logger }, { databaseUrl: url, dir: '' })
  afterAll(async () => {
    await database.close()
    await drop()
  })
  return database
}

/** A copy of the native template; `drop` removes it. */
export async function createNative(template: { url: string; name: string }) {
  const name = `millrace_test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
  const run = async (statement: string) => {
    const admin = new pg.Client(template.url)
    await admin.connect()
    await admin.query(statement).finally(() => admin.end())
  }
  await run(`create database ${name} template ${template.name}`)
  const url = new URL(template.url)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) }
}

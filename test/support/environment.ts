import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, inject } from 'vitest'
import { createNative } from './database.ts'

const quiet = { MILLRACE_LOG_LEVEL: 'warn', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }

/**
 * The environment in which a command of its own process finds a fresh, migrated database: DATABASE_URL on the native
 * server, MILLRACE_DIR on the embedded engine. Removed after the file's tests;
 * called at the top of the file, like `testDatabase`.
 */
export async function testEnvironment(): Promise<NodeJS.ProcessEnv> {
  const template = inject('template')
  if (template.engine === 'postgres') {
    const { url, drop } = await createNative(template)
    afterAll(drop)
    return { ...quiet, DATABASE_URL: url }
  }
  const dir = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  await cp(template.dir, dir, { recursive: true })
  afterAll(() => rm(dir, { recursive: true, force: true }))
  return { ...quiet, DATABASE_URL: '', MILLRACE_DIR: dir }
}

/**
 * The environment in which commands use a database that the test holds open, the embedded engine too: it answers as a
 * server does, so that a command takes one second and not five.
 */
export function sharedEnvironment(db: { url: string }): NodeJS.ProcessEnv {
  return { ...quiet, DATABASE_URL: db.url }
}

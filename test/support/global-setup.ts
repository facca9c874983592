import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { createLogger } from '../../src/base/logger.ts'
import { openDatabase } from '../../src/db/open-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated template to copy: a database's name on the native server, or the folder of an embedded one. */
    template:
      | { engine: 'postgres'; url: string; name: string }
      | { engine: 'embedded'; dir: string }
  }
}

/** Makes the migrated template database once a run, and drops it at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const logger = createLogger({ level: 'silent' })
  const url = process.env.DATABASE_URL
  if (url === undefined) {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-template-'))
    await (await openDatabase({ logger }, { databaseUrl: undefined, dir })).close()
    project.provide('template', { engine: 'embedded', dir })
    return () => rm(dir, { recursive: true, force: true })
  }
  const name = `millrace_template_${process.pid}`
  const admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`create database ${name}`)
  const templateUrl = new URL(url)
  templateUrl.pathname = `/${name}`
  await (await openDatabase({ logger }, { databaseUrl: templateUrl.href, dir: '' })).close()
  project.provide('template', { engine: 'postgres', url, name })
  return async () => {
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
  }
}

import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import { createLogger } from '../../../src/base/logger.ts'
import {
  type EmbeddedDatabase,
  type EmbeddedOptions,
  openEmbedded,
} from '../../../src/db/embedded/open-embedded.ts'

export const silent = createLogger({ level: 'silent' })

/** A folder with a closed database in it, ready to open, or an empty one. The caller removes it. */
export async function makeDir(kind: 'ready' | 'empty'): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-embedded-'))
  if (kind === 'empty') return dir
  const template = inject('template')
  if (template.engine === 'embedded') await cp(template.dir, dir, { recursive: true })
  else await (await openEmbedded({ logger: silent }, { dir })).close()
  return dir
}

/** A folder that is removed after the test. */
export async function testDir(kind: 'ready' | 'empty'): Promise<string> {
  const dir = await makeDir(kind)
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** An engine on `dir`, or on a folder of its own, closed (and the folder removed) after the test. */
export async function testEngine(
  options: Partial<EmbeddedOptions> = {},
): Promise<EmbeddedDatabase & { dir: string }> {
  const dir = options.dir ?? (await testDir('ready'))
  const engine = await openEmbedded({ logger: silent }, { ...options, dir })
  onTestFinished(() => engine.close())
  return { ...engine, dir }
}

/** A pool that is ended after the test. */
export function testPool(engine: EmbeddedDatabase, max: number): pg.Pool {
  const pool = new pg.Pool({ ...engine.connection, max })
  pool.on('error', () => undefined)
  onTestFinished(() => pool.end())
  return pool
}

/** A connected client that is ended after the test. */
export async function testClient(engine: EmbeddedDatabase): Promise<pg.Client> {
  const client = new pg.Client(engine.connection)
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end().catch(() => undefined))
  return client
}

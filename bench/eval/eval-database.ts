import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/base/config.ts'
import { createLogger } from '../../src/base/logger.ts'
import { type Database, openDatabase } from '../../src/db/open-database.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

/** A fresh database of the evaluation's own: on the server of DATABASE_URL, or embedded; gone when it is disposed of. */
export async function evalDatabase(): Promise<Database> {
  if (loadConfig().databaseUrl !== undefined) return scratchDatabase()
  const dir = await mkdtemp(join(tmpdir(), 'millrace-eval-'))
  const logger = createLogger({ level: 'error' })
  const db = await openDatabase({ logger }, { databaseUrl: undefined, dir })
  const close = async () => {
    await db.close()
    await rm(dir, { recursive: true, force: true })
  }
  return { ...db, close, [Symbol.asyncDispose]: close }
}

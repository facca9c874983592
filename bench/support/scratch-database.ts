import { loadConfig } from '../../src/base/config.ts'
import { createLogger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { openScratchDatabase } from '../../src/db/scratch-database.ts'

/** A fresh, migrated database on the server of DATABASE_URL, dropped when it is disposed of. */
export async function scratchDatabase(
  options: { maxConnections?: number } = {},
): Promise<Database> {
  const { databaseUrl } = loadConfig()
  if (databaseUrl === undefined)
    throw new Error('expected DATABASE_URL: this measures a PostgreSQL server')
  const logger = createLogger({ level: 'error' })
  return openScratchDatabase({ logger }, { databaseUrl, ...options })
}

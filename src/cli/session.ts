import type { Pool } from 'pg'
import { type Config, loadConfig } from '../base/config.ts'
import { createLogger, type Logger } from '../base/logger.ts'
import { type Database, openDatabase } from '../db/open-database.ts'
import { openScratchDatabase } from '../db/scratch-database.ts'

/** What every command that touches the database has. */
export interface Session {
  config: Config
  logger: Logger
  database: Database
  pool: Pool
  /** Aborts on the first Ctrl-C or SIGTERM; the second ends the process at once. */
  signal: AbortSignal
}

const leastConnections = 16
/** A shard that is worked has a connection in its commits; listening, leases, looks and questions have theirs. */
const connectionsBeside = 12

/**
 * Opens the configured database, or on its engine a scratch one that is gone afterwards, runs `work` with it and closes it
 * again, whatever happens.
 */
export async function withSession<T>(
  work: (session: Session) => Promise<T>,
  options: { scratch?: boolean } = {},
): Promise<T> {
  const config = loadConfig()
  const logger = createLogger({ level: config.logLevel })
  const stopping = new AbortController()
  const onSignal = () => {
    if (stopping.signal.aborted) process.exit(1)
    stopping.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    const { databaseUrl, dir, concurrency } = config
    const maxConnections = Math.max(leastConnections, concurrency + connectionsBeside)
    await using database = await (options.scratch
      ? openScratchDatabase({ logger }, { databaseUrl, maxConnections })
      : openDatabase({ logger }, { databaseUrl, dir, maxConnections }))
    return await work({ config, logger, database, pool: database.pool, signal: stopping.signal })
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

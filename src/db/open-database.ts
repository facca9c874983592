import type { Pool } from 'pg'
import type { Logger } from '../base/logger.ts'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { toMillraceError } from './sqlstate.ts'

export interface Database {
  readonly engine: 'embedded' | 'postgres'
  readonly pool: Pool
  /** What another program (psql, a second pool) connects with while this one is open. */
  readonly url: string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Opens the database that the configuration names, native Postgres or the embedded engine, with its schema migrated.
 * Fails with `database_unavailable`, `database_unsupported`, `data_dir_locked` or `migration_refused`.
 */
export async function openDatabase(
  deps: { logger: Logger },
  options: { databaseUrl: string | undefined; dir: string; maxConnections?: number },
): Promise<Database> {
  const embedded = options.databaseUrl === undefined ? await openOwn(deps, options.dir) : undefined
  const url = options.databaseUrl ?? embedded?.url ?? ''
  const pool = createPool(deps, {
    url,
    ...(options.maxConnections === undefined ? {} : { maxConnections: options.maxConnections }),
  })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= pool.end().finally(() => embedded?.close())
    return closing
  }
  try {
    await migrate(pool)
  } catch (error) {
    await close()
    throw toMillraceError(error, 'opening the database')
  }
  return {
    engine: embedded ? 'embedded' : 'postgres',
    pool,
    url,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Loaded on demand: whoever has a DATABASE_URL does not pay for a Postgres in WASM. */
async function openOwn(deps: { logger: Logger }, dir: string) {
  const { openEmbedded } = await import('./embedded/open-embedded.ts')
  return openEmbedded(deps, { dir })
}

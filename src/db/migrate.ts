import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { transaction } from './transaction.ts'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))

/**
 * Brings a database to this version's schema; returns how many migrations ran.
 *
 * Guarantees: each migration runs once however many processes start together (an advisory transaction lock orders
 * them), all pending ones or none (one transaction), in the journal's order, never on a database that a newer version
 * has migrated, and never past one that is missing in the middle: drizzle's own migrator checks none of the four. The
 * files, the journal and the bookkeeping row (hash, created_at) are drizzle's. A crash leaves the database as it was.
 */
export async function migrate(pool: Pool): Promise<number> {
  const known = readMigrationFiles({ migrationsFolder: folder })
  return transaction(pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.migrate'))`)
    await requireServer(client)
    await client.query('create schema if not exists millrace')
    await client.query(`
      create table if not exists millrace.migration (
        id serial primary key,
        hash text not null,
        created_at bigint
      )`)
    const { rows } = await client.query<{ hash: string }>(
      'select hash from millrace.migration order by created_at',
    )
    if (rows.length > known.length)
      throw new MillraceError(
        'migration_refused',
        `this database has ${rows.length} migrations, this version of Millrace knows ${known.length}: install the newer version`,
      )
    for (const [index, { hash }] of rows.entries()) {
      if (known[index]?.hash !== hash)
        throw new MillraceError(
          'migration_refused',
          `migration ${index} of this database is not the one this version of Millrace ships: the two have diverged; use the version that created the database`,
        )
    }
    const pending = known.slice(rows.length)
    for (const migration of pending) {
      for (const statement of migration.sql) await client.query(statement)
      await client.query('insert into millrace.migration (hash, created_at) values ($1, $2)', [
        migration.hash,
        migration.folderMillis,
      ])
    }
    return pending.length
  })
}

/** Fails with `database_unsupported` unless this is PostgreSQL >= 15 with pgvector >= 0.7 and UTF-8. */
async function requireServer(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{
    version: number
    encoding: string
    available: string | null
    installed: string | null
  }>(`
    select current_setting('server_version_num')::int as version,
           current_setting('server_encoding') as encoding,
           (select default_version from pg_available_extensions where name = 'vector') as available,
           (select extversion from pg_extension where extname = 'vector') as installed`)
  const server = rows[0]
  if (!server) throw new MillraceError('internal', 'the server described itself with no row')
  const refuse = (message: string) => new MillraceError('database_unsupported', message)
  if (server.version < 150_000)
    throw refuse(`expected PostgreSQL 15 or newer, got ${Math.floor(server.version / 10_000)}`)
  if (server.encoding !== 'UTF8')
    throw refuse(
      `expected a database with encoding UTF8, got ${server.encoding}: create one with "encoding 'UTF8' template template0"`,
    )
  if (server.installed === null && server.available === null)
    throw refuse(
      'the server of DATABASE_URL lacks pgvector: install the extension there (package postgresql-NN-pgvector, or the image pgvector/pgvector), or unset DATABASE_URL to use the embedded engine',
    )
  if (server.installed === null) {
    await client.query('create extension if not exists vector').catch((error: unknown) => {
      throw new MillraceError(
        'database_unsupported',
        'pgvector is on the server but this user may not create it: run "create extension vector" there as its owner or a superuser',
        { cause: error },
      )
    })
  }
  const { rows: types } = await client.query<{ found: boolean; schema: string }>(`
    select to_regtype('halfvec') is not null as found,
           (select nspname
              from pg_extension
              join pg_namespace on pg_namespace.oid = extnamespace
             where extname = 'vector') as schema`)
  if (!types[0]?.found)
    throw refuse(
      `expected the search_path of DATABASE_URL's user to name "${types[0]?.schema}", the schema of pgvector, it does not: add it with "alter role ... set search_path" (or move the extension)`,
    )
}

import type { Pool } from 'pg'

/** The server's version and the settings that its rates depend on. */
export async function serverFacts(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<Record<string, string>>(
    `select current_setting('server_version') as "PostgreSQL",
            current_setting('shared_buffers') as shared_buffers,
            current_setting('max_wal_size') as max_wal_size,
            current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as synchronous_commit`,
  )
  return { ...rows[0] }
}

/** Bytes of write-ahead log written so far. */
export async function walBytes(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as bytes`,
  )
  return Number(rows[0]?.bytes)
}

/** Bytes on disk of a stream's segments, with their indexes and what is stored beside them. */
export async function diskBytes(pool: Pool, stream: string): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>(
    `select coalesce(sum(pg_total_relation_size(to_regclass('millrace.' || se.table_name))), 0) as bytes
       from millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       join millrace.segment se on se.shard_id = sh.id
      where st.name = $1`,
    [stream],
  )
  return Number(rows[0]?.bytes)
}

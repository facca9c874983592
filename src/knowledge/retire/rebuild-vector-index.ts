import type { Pool, PoolClient } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'

/**
 * An index this many times as large as one made anew is made anew. Patterns that come and go never get it there: vacuum
 * frees what insertion takes again, and 100 hours of churn left it at 1.2 times (bench/vectors.ts). What does is that most
 * patterns go at once, as after a flood or when retention is shortened: at 5.5 times a search took 76 ms instead of 5.
 */
const maxBloat = 3
/** Below that nobody minds. */
const defaultMinBytes = 4 * 1024 * 1024

/** How long it waits for transactions that were there before it; readers and writers wait for nothing. */
const lockTimeout = '60s'

/**
 * Makes vector indexes anew that have become much larger than their vectors need; returns how many. On a server only: the
 * embedded engine could do nothing else meanwhile.
 *
 * DDL: reindex concurrently, one index at a time. Locks: an advisory lock of the session (one rebuilder), which its end
 * frees. Order: old -> old and a half-made one (`_ccnew`, or `_ccold` after the swap) -> new. A crash leaves the second,
 * which searches do not use but insertions pay for: whoever has the lock next drops it.
 * It is left to a later run while a transaction is open that it would have to wait for.
 */
export async function rebuildVectorIndexes(
  deps: { pool: Pool },
  options: { minBytes?: number } = {},
): Promise<number> {
  const { minBytes = defaultMinBytes } = options
  const found = await findIndexes(deps.pool)
  const needed = found.filter(
    (index) => index.isLeftOver || index.bytes > Math.max(minBytes, maxBloat * freshBytes(index)),
  )
  if (needed.length === 0) return 0
  const client = await deps.pool.connect()
  let rebuilt = 0
  try {
    if (!(await isOurs(client))) return 0
    await client.query(
      `set lock_timeout = '${lockTimeout}'; set max_parallel_maintenance_workers = 0`,
    )
    for (const { name, isLeftOver } of needed) {
      if (isLeftOver) await client.query(`drop index concurrently if exists millrace.${name}`)
      else await client.query(`reindex index concurrently millrace.${name}`)
      if (!isLeftOver) rebuilt += 1
    }
    return rebuilt
  } catch (error) {
    const failure = toMillraceError(error, 'making a vector index anew')
    if (failure.code === 'conflict') return rebuilt
    throw failure
  } finally {
    // The connection ends, and with it its settings and its lock.
    client.release(true)
  }
}

interface VectorIndex {
  name: string
  /** What an interrupted rebuild left. */
  isLeftOver: boolean
  bytes: number
  vectors: number
  dimensions: number
}

async function findIndexes(pool: Pool): Promise<VectorIndex[]> {
  const { rows } = await pool.query<VectorIndex>(
    `select c.relname as name,
            c.relname ~ '_cc(new|old)[0-9]*$' and not i.indisvalid as "isLeftOver",
            pg_relation_size(c.oid)::float8 as bytes,
            (select count(*)::int from millrace.pattern_embedding e where e.model_id = m.id) as vectors,
            m.dimensions
       from millrace.embedding_model m
       join pg_class c on c.relname ~ ('^pattern_embedding_m' || m.id || '_idx(_cc(new|old)[0-9]*)?$')
       join pg_index i on i.indexrelid = c.oid
      where c.relnamespace = 'millrace'::regnamespace
        and version() !~* 'emscripten|wasm'`,
  )
  return rows
}

/** True when nobody else rebuilds, and no transaction is so old that the rebuild would wait for it. */
async function isOurs(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ ours: boolean }>(
    `select pg_try_advisory_lock(hashtext('millrace.vector_rebuild'))
            and not exists (
                select
                  from pg_stat_activity
                 where datname = current_database()
                   and xact_start < clock_timestamp() - interval '1 minute') as ours`,
  )
  return rows[0]?.ours ?? false
}

/**
 * What pgvector's HNSW (m = 16) takes for so many halfvecs in a fresh index: an element with ten places for row ids and
 * the vector, and its neighbours on the same page of 8 kB. 1,170 B for 384 dimensions, 1,171 measured.
 */
function freshBytes({ vectors, dimensions }: VectorIndex): number {
  const element = 72 + 8 + 2 * dimensions
  const neighbours = 4 + 2 * 16 * 6 + 8
  return (vectors / Math.max(1, Math.floor(8_152 / (element + neighbours + 8)))) * 8_192
}

import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'

/** Rows deleted in one statement. */
const chunk = 1_000
/** Most of one run. */
const most = 50_000

/**
 * Deletes vectors that were cached more than `retentionHours` ago; returns how many. What has a vector of its own, as
 * patterns do, does not need them: they spare a text that comes again from being paid for twice, within that time.
 *
 * Writes: embedding_cache, a chunk a statement. Reads: the same, by age.
 */
export async function forgetOldVectors(
  pool: Pool,
  input: { retentionHours: number },
): Promise<number> {
  let forgotten = 0
  try {
    for (let last = chunk; last === chunk && forgotten < most; forgotten += last) {
      const { rowCount } = await pool.query(
        `delete from millrace.embedding_cache
          where ctid = any(array(
                select ctid
                  from millrace.embedding_cache
                 where created_at < clock_timestamp() - make_interval(hours => $1)
                 order by created_at
                 limit ${chunk}))`,
        [input.retentionHours],
      )
      last = rowCount ?? 0
    }
    return forgotten
  } catch (error) {
    throw toMillraceError(error, 'forgetting old embeddings')
  }
}

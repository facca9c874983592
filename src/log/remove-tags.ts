import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import { streamNotFound } from './stream-not-found.ts'

/** Removes tags from a stream; those that it does not have count as removed. Fails with `not_found`. */
export async function removeTags(
  deps: { pool: Pool },
  input: { stream: string; keys: readonly string[] },
): Promise<void> {
  const { rowCount } = await deps.pool
    .query('update millrace.stream set tags = tags - $2::text[] where name = $1', [
      input.stream,
      input.keys,
    ])
    .catch((error: unknown) => {
      throw toMillraceError(error, 'removing tags')
    })
  if (rowCount === 0) throw streamNotFound(input.stream)
}

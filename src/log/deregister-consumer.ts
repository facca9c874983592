import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'
import { consumerNotFound } from './list-consumers.ts'

/** Removes a registered consumer; a subscription that it has goes on until it ends. Fails with `not_found`. */
export async function deregisterConsumer(
  deps: { pool: Pool },
  input: { stream: string; consumer: string },
): Promise<void> {
  const { rowCount } = await deps.pool
    .query(
      `delete from millrace.consumer
        where name = $2
          and stream_id = (select id from millrace.stream where name = $1)`,
      [input.stream, input.consumer],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'deregistering a consumer')
    })
  if (rowCount === 0) throw consumerNotFound(input.stream, input.consumer)
}

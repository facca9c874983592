import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'

/** Says that a pipeline is missing, which ones there are, and what makes one appear. */
export async function pipelineNotFound(
  client: Pool | PoolClient,
  name: string,
): Promise<MillraceError> {
  const { rows } = await client.query<{ name: string }>(
    'select name from millrace.pipeline order by name limit 51',
  )
  const names = rows.map((row) => row.name)
  const shown = names.slice(0, 50).join(', ') + (names.length > 50 ? ', ...' : '')
  return new MillraceError(
    'not_found',
    names.length === 0
      ? `pipeline "${name}" does not exist, and no other does: a pipeline appears when a worker that has it in its configuration starts`
      : `pipeline "${name}" does not exist; there are: ${shown}. A new one appears when a worker that has it in its configuration starts`,
    { details: { pipeline: name } },
  )
}

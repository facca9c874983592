import type { Pool, PoolClient } from 'pg'
import { pipelineNotFound } from './pipeline-not-found.ts'

/** Fails with `not_found` when there is neither such a pipeline nor a letter that one left behind. */
export async function requireKnown(client: Pool | PoolClient, pipeline: string): Promise<void> {
  const { rows } = await client.query(
    `select from millrace.pipeline where name = $1
      union all
     select from millrace.dead_letter where pipeline = $1
      limit 1`,
    [pipeline],
  )
  if (rows.length === 0) throw await pipelineNotFound(client, pipeline)
}

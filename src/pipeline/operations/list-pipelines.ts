import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import { runs } from './pipeline-sql.ts'
import { readShardProgress } from './read-shard-progress.ts'
import { sumShards } from './sum-shards.ts'

export interface PipelineSummary {
  name: string
  state: 'running' | 'paused'
  /** Null for one that no worker of this version has registered yet. */
  streams: 'all' | string[] | null
  /** The pipeline whose steps it runs. */
  replayOf: string | null
  breaker: 'closed' | 'open' | 'half_open'
  /** Live workers that run it. None: it rests, whatever its state says. */
  workers: number
  shards: number
  behind: number
  iteratorAgeMs: number
  recordsPerSecond: number
  /** The newest of those that keep it from going on in a shard. */
  lastError: string | null
  lastErrorAt: Date | null
}

type PipelineRow = Pick<
  PipelineSummary,
  'name' | 'state' | 'streams' | 'replayOf' | 'breaker' | 'workers'
>

/** All pipelines and replays, by name. */
export async function listPipelines(deps: { pool: Pool }): Promise<PipelineSummary[]> {
  try {
    const { rows } = await deps.pool.query<PipelineRow>(
      `select p.name,
              p.state,
              p.definition->'streams' as streams,
              p.replay_of as "replayOf",
              p.breaker,
              (select count(*)::int from millrace.worker w where ${runs}) as workers
         from millrace.pipeline p
        order by p.name`,
    )
    const progress = await readShardProgress(deps)
    return rows.map((row) => {
      const { shards, behind, iteratorAgeMs, recordsPerSecond, lastError, lastErrorAt } = sumShards(
        progress.get(row.name) ?? [],
      )
      return { ...row, shards, behind, iteratorAgeMs, recordsPerSecond, lastError, lastErrorAt }
    })
  } catch (error) {
    throw toMillraceError(error, 'listing pipelines')
  }
}

import type { Pool } from 'pg'
import { toMillraceError } from '../../db/sqlstate.ts'
import type { Definition } from '../scheduling/register-pipeline.ts'
import { pipelineNotFound } from './pipeline-not-found.ts'
import { runs } from './pipeline-sql.ts'
import { readShardProgress, type ShardProgress } from './read-shard-progress.ts'
import { type PipelineTotals, sumShards } from './sum-shards.ts'

export interface PipelineStatus {
  name: string
  state: 'running' | 'paused'
  replayOf: string | null
  /** Grows with each definition that takes another's place. */
  revision: number
  /** Null for one that no worker of this version has registered yet. */
  definition: Definition | null
  breaker: {
    state: 'closed' | 'open' | 'half_open'
    /** When the outage began, and when the next probe is made; null while it is closed. */
    since: Date | null
    nextProbeAt: Date | null
    /** Outages in a row. */
    failures: number
    reason: string | null
  }
  /** Live workers that run it. None: it rests, whatever its state says. */
  workers: { id: string; concurrency: number; startedAt: Date; seenAt: Date }[]
  /** Letters that are kept now; `totals.dead` counts all there ever were. */
  deadLetters: number
  createdAt: Date
  updatedAt: Date
  totals: PipelineTotals
  /** Without those that have expired. */
  shards: Omit<ShardProgress, 'isExpired'>[]
}

interface PipelineRow extends Omit<PipelineStatus, 'breaker' | 'workers' | 'totals' | 'shards'> {
  breaker: PipelineStatus['breaker']['state']
  since: Date | null
  nextProbeAt: Date | null
  failures: number
  reason: string | null
}

/** A pipeline's definition, state and progress, shard by shard. Fails with `not_found`. */
export async function readPipelineStatus(
  deps: { pool: Pool },
  input: { name: string },
): Promise<PipelineStatus> {
  const { name } = input
  try {
    const { rows } = await deps.pool.query<PipelineRow>(
      `select name, state, revision, definition, breaker,
              replay_of as "replayOf",
              breaker_since as since,
              case when breaker <> 'closed' then breaker_until end as "nextProbeAt",
              breaker_failures as failures,
              breaker_reason as reason,
              created_at as "createdAt",
              updated_at as "updatedAt",
              (select count(*)::int from millrace.dead_letter where pipeline = name) as "deadLetters"
         from millrace.pipeline
        where name = $1`,
      [name],
    )
    const row = rows[0]
    if (!row) throw await pipelineNotFound(deps.pool, name)
    const { breaker, since, nextProbeAt, failures, reason, ...pipeline } = row
    const { rows: workers } = await deps.pool.query<PipelineStatus['workers'][number]>(
      `select w.id, w.concurrency, w.started_at as "startedAt", w.seen_at as "seenAt"
         from millrace.pipeline p
         join millrace.worker w on ${runs}
        where p.name = $1
        order by w.id`,
      [name],
    )
    const shards = (await readShardProgress(deps, name)).get(name) ?? []
    return {
      ...pipeline,
      breaker: { state: breaker, since, nextProbeAt, failures, reason },
      workers,
      totals: sumShards(shards),
      shards: shards.flatMap(({ isExpired, ...shard }) => (isExpired ? [] : [shard])),
    }
  } catch (error) {
    throw toMillraceError(error, `reading the status of pipeline "${name}"`)
  }
}

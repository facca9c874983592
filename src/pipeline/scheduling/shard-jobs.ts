import type { Pool } from 'pg'
import type { LeaseKey } from './lease.ts'

/** graphile-worker's own tables. */
export const jobSchema = 'millrace_worker'

/** A definition's own task, so that graphile-worker gives its jobs to workers that know it. */
export function shardTaskOf(source: string): string {
  return `work:${source}`
}

/** A wake-up for one shard of a pipeline: whoever has room takes it. */
export interface ShardJob extends LeaseKey {
  /** The pipeline's definition: a replay has another's. */
  source: string
  /** Jobs of a lower turn are taken first. */
  turn: number
  /** Workers that had no room for it so far. */
  declined?: number
}

/** Jobs of one shard of a pipeline are one. */
export function jobKeyOf({ pipeline, shardId }: LeaseKey): string {
  return `${pipeline}:${shardId}`
}

/**
 * Adds a job for each shard. One a (pipeline, shard), by job_key: adding it again changes nothing while it waits, and
 * replaces it when a dead worker holds it.
 */
export async function addShardJobs(deps: { pool: Pool }, jobs: readonly ShardJob[]): Promise<void> {
  if (jobs.length === 0) return
  await deps.pool.query(
    `select ${jobSchema}.add_jobs(array(
       select json_populate_record(null::${jobSchema}.job_spec, item)
         from json_array_elements($1::json) as item))`,
    [
      JSON.stringify(
        jobs.map((job) => ({
          identifier: shardTaskOf(job.source),
          payload: job,
          job_key: jobKeyOf(job),
          max_attempts: 1,
          priority: job.turn,
        })),
      ),
    ],
  )
}

/** Takes back the job of a shard that waits, if one does. */
export async function removeShardJob(deps: { pool: Pool }, key: LeaseKey): Promise<void> {
  await deps.pool.query(`select ${jobSchema}.remove_job($1)`, [jobKeyOf(key)])
}

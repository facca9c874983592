import type { Pool } from 'pg'
import type { LeaseKey } from './lease.ts'

/**
 * The shards that nobody works although they hold records after the pipeline's checkpoint, whose retry is due, and whose
 * parents are all done (or hold nothing more): children start only then, so one key's records keep their order across a reshard.
 *
 * Reads: checkpoint, shard, the newest frame of each candidate. Locks: none.
 */
export async function findWork(
  deps: { pool: Pool },
  pipelines: readonly string[],
): Promise<LeaseKey[]> {
  const { rows } = await deps.pool.query<LeaseKey>({
    name: 'millrace.find_work',
    text: `
      select c.pipeline,
             c.shard_id as "shardId"
        from millrace.checkpoint c
        join millrace.shard sh on sh.id = c.shard_id
       where c.pipeline = any($1::text[])
         and (c.owner is null or c.lease_expires_at < clock_timestamp())
         and (c.retry_at is null or c.retry_at <= clock_timestamp())
         and not exists (
               select
                 from millrace.shard parent
                 left join millrace.checkpoint pc on pc.pipeline = c.pipeline and pc.shard_id = parent.id
                where parent.stream_id = sh.stream_id
                  and parent.number = any(sh.parents)
                  and coalesce(pc.seq, 0) < coalesce(parent.closed_seq, 0)
                  and millrace.last_seq(parent.id) > coalesce(pc.seq, 0))
         and millrace.last_seq(c.shard_id) > c.seq
       order by c.updated_at`,
    values: [pipelines],
  })
  return rows
}

import type { Pool } from 'pg'
import type { LeaseKey } from './lease.ts'

/**
 * SQL: true when every ancestor inside the retention of shard `sh` of stream `st` is done, for the checkpoint `c` of a
 * pipeline, or holds nothing more.
 */
export const ancestorsAreDone = `(sh.parents = '{}' or not exists (
               with recursive ancestor as (
                 select id, number, parents, closed_seq
                   from millrace.shard
                  where stream_id = sh.stream_id
                    and number = any(sh.parents)
                    and closed_seq >= millrace.horizon(st)
                  union
                 select further.id, further.number, further.parents, further.closed_seq
                   from ancestor
                   join millrace.shard further on further.stream_id = sh.stream_id
                                              and further.number = any(ancestor.parents)
                                              and further.closed_seq >= millrace.horizon(st))
               select
                 from ancestor
                 left join millrace.checkpoint pc on pc.pipeline = c.pipeline and pc.shard_id = ancestor.id
                where coalesce(pc.seq, 0) < ancestor.closed_seq
                  and millrace.last_seq(ancestor.id) > coalesce(pc.seq, 0)))`

/**
 * The shards that nobody works although they hold records after the pipeline's checkpoint, or a window that is over;
 * whose pipeline is neither paused nor waiting for its breaker; whose retry is due, and whose
 * ancestors inside the retention are all done (or hold nothing more): children start only then, so one key's records keep
 * their order across reshards. All ancestors and not the parents alone: a parent without records says nothing of its own.
 *
 * In the order in which they get their turn: one of the pipeline of which the fewest shards are being worked, among equals
 * of the one that had its turn longest ago, and so on; within a pipeline the shard that waits longest. So a pipeline of few
 * shards does not wait for one of hundreds, however often is looked. Taking a shard is a turn, whatever comes of it: one
 * that kills its workers does not come first each time.
 *
 * Reads: pipeline, checkpoint, shard, window_state, the newest frame of each candidate, once however many pipelines follow
 * it: it is what costs (0.16 ms). Locks: none.
 */
export async function findWork(
  deps: { pool: Pool },
  pipelines: readonly string[],
): Promise<LeaseKey[]> {
  const { rows } = await deps.pool.query<LeaseKey>({
    name: 'millrace.find_work',
    text: `
      with known as materialized (
        select pipeline, shard_id, seq, retry_at, updated_at,
               owner is null or lease_expires_at < clock_timestamp() as is_free
          from millrace.checkpoint
         where pipeline = any($1::text[])),
      served as (
        select pipeline, count(*) filter (where not is_free) as held, max(updated_at) as updated_at
          from known
         group by pipeline),
      free as materialized (
        select known.pipeline, known.shard_id, known.seq, known.updated_at
          from known
          join millrace.pipeline p on p.name = known.pipeline
         where known.is_free
           and p.state = 'running'
           and (p.breaker = 'closed' or p.breaker_until <= clock_timestamp())
           and (known.retry_at is null or known.retry_at <= clock_timestamp())),
      newest as materialized (
        select shard_id, millrace.last_seq(shard_id) as seq
          from (select distinct shard_id from free) as one)
      select c.pipeline,
             c.shard_id as "shardId"
        from free c
        join served on served.pipeline = c.pipeline
        join newest on newest.shard_id = c.shard_id
        join millrace.shard sh on sh.id = c.shard_id
        join millrace.stream st on st.id = sh.stream_id
       where ${ancestorsAreDone}
         and (newest.seq > c.seq
              or exists (select
                           from millrace.window_state w
                          where w.pipeline = c.pipeline
                            and w.shard_id = c.shard_id
                            and (w.ends_at <= clock_timestamp() or sh.state = 'closed')))
       order by served.held + row_number() over (partition by c.pipeline order by c.updated_at, c.shard_id),
                served.updated_at, c.updated_at`,
    values: [pipelines],
  })
  return rows
}

import type { Pool } from 'pg'

/** Pipelines with work to do that no live worker knows, so that a configuration which lost one says so. */
export async function findUnknownPipelines(
  deps: { pool: Pool },
  /** Counts as alive, since its row may be a moment old, and as knowing what it cannot open now. */
  worker: { id: string; pipelines: readonly string[] },
): Promise<{ name: string; behind: number }[]> {
  const { rows } = await deps.pool.query<{ name: string; behind: number }>(
    `select name, behind
       from (select p.name,
                    (select coalesce(sum(millrace.records_after(c.shard_id, greatest(c.seq, millrace.horizon(st) - 1))), 0)::float8
                       from millrace.checkpoint c
                       join millrace.shard sh on sh.id = c.shard_id
                       join millrace.stream st on st.id = sh.stream_id
                      where c.pipeline = p.name) as behind
               from millrace.pipeline p
              where coalesce(p.replay_of, p.name) <> all($2::text[])
                and not exists (
                      select
                        from millrace.worker w
                       where (w.id = $1 or w.seen_at > clock_timestamp() - interval '10 seconds')
                         and coalesce(p.replay_of, p.name) = any(w.pipelines))) as unknown
      where behind > 0
      order by name`,
    [worker.id, worker.pipelines],
  )
  return rows
}

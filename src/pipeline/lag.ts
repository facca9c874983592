import type { Pool } from 'pg'

export interface StreamLag {
  stream: string
  shards: number
  /** Records the stream holds now. */
  records: number
  /** Those of them that the pipeline has not processed yet. */
  behind: number
  /** What keeps the pipeline from going on in one of the shards; null when nothing does. */
  lastError: string | null
}

/** The last sequence number that retention has taken from a stream. */
const expired = 'millrace.horizon(st) - 1'

/** How far a pipeline is behind in every stream, by stream name. */
export async function readLag(deps: { pool: Pool }, pipeline: string): Promise<StreamLag[]> {
  const { rows } = await deps.pool.query<StreamLag>(
    `select st.name as stream,
            count(*)::int as shards,
            sum(millrace.records_after(sh.id, ${expired}))::float8 as records,
            sum(millrace.records_after(sh.id, greatest(${expired}, c.seq)))::float8 as behind,
            max(c.last_error) as "lastError"
       from millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       left join millrace.checkpoint c on c.shard_id = sh.id and c.pipeline = $1
      group by st.id
      order by st.name`,
    [pipeline],
  )
  return rows
}

/** How many records of all streams a pipeline has not processed yet; costs what is behind, not what there is. */
export async function countBehind(deps: { pool: Pool }, pipeline: string): Promise<number> {
  const { rows } = await deps.pool.query<{ behind: number }>(
    `select coalesce(sum(millrace.records_after(sh.id, greatest(${expired}, c.seq))), 0)::float8 as behind
       from millrace.stream st
       join millrace.shard sh on sh.stream_id = st.id
       left join millrace.checkpoint c on c.shard_id = sh.id and c.pipeline = $1`,
    [pipeline],
  )
  return rows[0]?.behind ?? 0
}

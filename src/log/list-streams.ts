import type { Pool } from 'pg'

export interface StreamSummary {
  name: string
  mode: 'on_demand' | 'provisioned'
  retentionHours: number
  openShards: number
}

/** All streams, by name. */
export async function listStreams(deps: { pool: Pool }): Promise<StreamSummary[]> {
  const { rows } = await deps.pool.query<StreamSummary>(`
    select st.name,
           st.mode,
           st.retention_hours as "retentionHours",
           count(*) filter (where sh.state = 'open')::int as "openShards"
      from millrace.stream st
      left join millrace.shard sh on sh.stream_id = st.id
     group by st.id
     order by st.name`)
  return rows
}

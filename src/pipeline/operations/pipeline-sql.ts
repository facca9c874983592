/** Whether a stored pipeline `p` follows stream `st`; one that no worker has registered yet follows none. */
export const follows = `(p.definition->'streams' = '"all"' or p.definition->'streams' ? st.name)`

/** Whether stream `st` takes records: one without an open shard is being deleted. */
export const isActive = `exists (select from millrace.shard where stream_id = st.id and state = 'open')`

/** Whether worker `w` is alive and would run pipeline `p`: a replay runs where the pipeline runs whose steps it has. */
export const runs = `(w.seen_at > clock_timestamp() - interval '5 s'
                      and (p.name = any(w.pipelines) or coalesce(p.replay_of = any(w.pipelines), false)))`

-- What each shard holds and takes: one row a shard, of one stream or (null) of all.
-- Reads the frames' bounds, not their data: a few ms for millions of records in frames of hundreds.
CREATE FUNCTION millrace.stream_stats(p_stream text DEFAULT NULL)
RETURNS TABLE (
  stream text,
  shard int,
  state text,
  records bigint,
  bytes bigint,
  frames bigint,
  oldest_at timestamptz,
  newest_at timestamptz,
  records_per_second float8, -- over the last minute
  bytes_per_second float8,
  segments int,
  disk_bytes bigint
)
LANGUAGE plpgsql STABLE ROWS 10 AS $$
DECLARE
  v_shard record;
  v_table text;
  v_leaf record;
  v_minute constant bigint := millrace.seq_at(statement_timestamp() - interval '1 minute');
BEGIN
  IF p_stream IS NOT NULL AND NOT EXISTS (SELECT FROM millrace.stream st WHERE st.name = p_stream) THEN
    RAISE EXCEPTION 'stream "%" does not exist', p_stream USING ERRCODE = 'undefined_object';
  END IF;
  FOR v_shard IN
    SELECT sh.id, sh.number, sh.state, st.name, millrace.horizon(st) AS horizon
      FROM millrace.stream st
      JOIN millrace.shard sh ON sh.stream_id = st.id
     WHERE (p_stream IS NULL OR st.name = p_stream)
       AND (sh.state = 'open' OR sh.closed_seq >= millrace.horizon(st))
     ORDER BY st.name, sh.number
  LOOP
    stream := v_shard.name;
    shard := v_shard.number;
    state := v_shard.state;
    records := 0; bytes := 0; frames := 0; oldest_at := NULL; newest_at := NULL;
    records_per_second := 0; bytes_per_second := 0; segments := 0; disk_bytes := 0;
    FOR v_table IN
      SELECT se.table_name FROM millrace.segment se
       WHERE se.shard_id = v_shard.id AND se.used ORDER BY se.start_seq
    LOOP
      BEGIN
        EXECUTE format(
          'SELECT coalesce(sum(last_seq - first_seq + 1), 0) AS records, coalesce(sum(bytes), 0) AS bytes, count(*) AS frames,
                  min(arrived_at) AS oldest_at, max(arrived_at) AS newest_at,
                  coalesce(sum(last_seq - first_seq + 1) FILTER (WHERE last_seq >= $3), 0) / 60.0 AS recent_records,
                  coalesce(sum(bytes) FILTER (WHERE last_seq >= $3), 0) / 60.0 AS recent_bytes,
                  pg_total_relation_size(%L) AS disk_bytes
             FROM millrace.%I WHERE shard_id = $1 AND last_seq >= $2', 'millrace.' || quote_ident(v_table), v_table)
           INTO v_leaf USING v_shard.id, v_shard.horizon, v_minute;
      EXCEPTION WHEN undefined_table THEN
        CONTINUE;
      END;
      records := records + v_leaf.records;
      bytes := bytes + v_leaf.bytes;
      frames := frames + v_leaf.frames;
      oldest_at := coalesce(oldest_at, v_leaf.oldest_at);
      newest_at := coalesce(v_leaf.newest_at, newest_at);
      records_per_second := records_per_second + v_leaf.recent_records;
      bytes_per_second := bytes_per_second + v_leaf.recent_bytes;
      segments := segments + 1;
      disk_bytes := disk_bytes + v_leaf.disk_bytes;
    END LOOP;
    RETURN NEXT;
  END LOOP;
END
$$;

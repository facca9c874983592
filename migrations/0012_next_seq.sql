-- The number of a shard's first record after a sequence number; null when it holds none. It says since when a pipeline
-- has left something unread. A leaf that is dropped meanwhile counts as gone.
CREATE FUNCTION millrace.next_seq(p_shard_id int, p_seq bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_table text;
  v_next bigint;
BEGIN
  FOR v_table IN
    SELECT s.table_name FROM millrace.segment s
     WHERE s.shard_id = p_shard_id AND s.used AND s.end_seq > p_seq ORDER BY s.end_seq
  LOOP
    BEGIN
      EXECUTE format('SELECT greatest(first_seq, $2 + 1) FROM millrace.%I '
                  || 'WHERE shard_id = $1 AND last_seq > $2 ORDER BY last_seq LIMIT 1', v_table)
         INTO v_next USING p_shard_id, p_seq;
    EXCEPTION WHEN undefined_table THEN
      CONTINUE;
    END;
    IF v_next IS NOT NULL THEN
      RETURN v_next;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;

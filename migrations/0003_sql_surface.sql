-- The log in plain SQL: whatever speaks SQL can produce and inspect.

-- Bytes as text, and null where they are not UTF-8 or hold a NUL.
CREATE FUNCTION millrace.as_text(p_data bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN convert_from(p_data, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN NULL;
END
$$;
--> statement-breakpoint

-- Bytes as JSON, and null where they are none.
CREATE FUNCTION millrace.as_json(p_data bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN convert_from(p_data, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END
$$;
--> statement-breakpoint

-- The hash key of a partition key: MD5 as an unsigned 128-bit number, as src/log/hash-ring.ts has it.
CREATE FUNCTION millrace.hash_key(p_key text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  SELECT sum(get_byte(decode(md5(p_key), 'hex'), i) * power(256::numeric, 15 - i))::numeric(39)
    FROM generate_series(0, 15) AS i
);
--> statement-breakpoint

-- Every record, one a row. It reads every shard: give it a stream, and prefer millrace.records for a range.
CREATE VIEW millrace.record AS
SELECT st.name AS stream,
       sh.number AS shard,
       f.first_seq + r.place - 1 AS sequence,
       f.arrived_at,
       r.partition_key,
       r.data
  FROM millrace.stream st
  JOIN millrace.shard sh ON sh.stream_id = st.id
  JOIN millrace.frame f ON f.shard_id = sh.id
 CROSS JOIN LATERAL unnest(f.partition_keys, f.data) WITH ORDINALITY AS r (partition_key, data, place)
 WHERE f.last_seq >= millrace.seq_at(now() - make_interval(hours => st.retention_hours));
--> statement-breakpoint

-- The records of a shard (null: of all shards) with numbers from p_from to p_to, inside the retention, shard by shard in
-- order. Reads only the leaves that can hold them, by name; a range goes through their primary keys.
CREATE FUNCTION millrace.records(p_stream text, p_shard int DEFAULT NULL, p_from bigint DEFAULT 0, p_to bigint DEFAULT 9223372036854775807)
RETURNS TABLE (shard int, sequence bigint, arrived_at timestamptz, partition_key text, data bytea)
LANGUAGE plpgsql STABLE ROWS 10000 AS $$
DECLARE
  v_leaf record;
BEGIN
  IF NOT EXISTS (SELECT FROM millrace.stream st WHERE st.name = p_stream) THEN
    RAISE EXCEPTION 'stream "%" does not exist', p_stream USING ERRCODE = 'undefined_object';
  END IF;
  FOR v_leaf IN
    SELECT sh.id, sh.number, se.table_name,
           greatest(p_from, millrace.seq_at(now() - make_interval(hours => st.retention_hours))) AS from_seq
      FROM millrace.stream st
      JOIN millrace.shard sh ON sh.stream_id = st.id
      JOIN millrace.segment se ON se.shard_id = sh.id
     WHERE st.name = p_stream
       AND (p_shard IS NULL OR sh.number = p_shard)
       AND se.used
       AND se.start_seq <= p_to
       AND se.end_seq > greatest(p_from, millrace.seq_at(now() - make_interval(hours => st.retention_hours)))
     ORDER BY sh.number, se.start_seq
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT $1, f.first_seq + r.place - 1, f.arrived_at, r.partition_key, r.data
         FROM millrace.%I f
        CROSS JOIN LATERAL unnest(f.partition_keys, f.data) WITH ORDINALITY AS r (partition_key, data, place)
        WHERE f.shard_id = $2 AND f.last_seq >= $3 AND f.first_seq <= $4
          AND f.first_seq + r.place - 1 BETWEEN $3 AND $4
        ORDER BY f.last_seq, r.place', v_leaf.table_name)
      USING v_leaf.number, v_leaf.id, v_leaf.from_seq, p_to;
  END LOOP;
END
$$;
--> statement-breakpoint

-- The number from which a shard holds its newest p_count records. Reads bounds of frames, not their data.
CREATE FUNCTION millrace.tail_from(p_shard_id int, p_count int) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_table text;
  v_frame record;
  v_wanted bigint := p_count;
  v_from bigint;
BEGIN
  FOR v_table IN
    SELECT se.table_name FROM millrace.segment se
     WHERE se.shard_id = p_shard_id AND se.used ORDER BY se.start_seq DESC
  LOOP
    FOR v_frame IN EXECUTE format(
      'SELECT first_seq, last_seq FROM millrace.%I WHERE shard_id = $1 ORDER BY last_seq DESC LIMIT $2', v_table)
      USING p_shard_id, v_wanted
    LOOP
      v_from := greatest(v_frame.first_seq, v_frame.last_seq - v_wanted + 1);
      v_wanted := v_wanted - (v_frame.last_seq - v_frame.first_seq + 1);
      IF v_wanted <= 0 THEN
        RETURN v_from;
      END IF;
    END LOOP;
  END LOOP;
  RETURN v_from;
END
$$;
--> statement-breakpoint

-- The newest p_count records of a stream, newest first.
CREATE FUNCTION millrace.tail(p_stream text, p_count int DEFAULT 10)
RETURNS TABLE (shard int, sequence bigint, arrived_at timestamptz, partition_key text, data bytea)
LANGUAGE sql STABLE ROWS 10
AS $$
  SELECT r.*
    FROM millrace.stream st
    JOIN millrace.shard sh ON sh.stream_id = st.id
   CROSS JOIN LATERAL millrace.records(st.name, sh.number, millrace.tail_from(sh.id, p_count)) AS r
   WHERE st.name = p_stream
   ORDER BY r.sequence DESC
   LIMIT p_count
$$;
--> statement-breakpoint

-- Appends one record in the caller's transaction: it is durable, and seen, when that commits, and is gone when it rolls
-- back. The shard is locked until then, which keeps the order rule: long transactions hold up its other writers.
-- Readers find it by polling; nobody is notified.
CREATE FUNCTION millrace.append(p_stream text, p_key text, p_data bytea)
RETURNS TABLE (shard int, sequence bigint)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
DECLARE
  v_stream millrace.stream;
  v_hash constant numeric := millrace.hash_key(p_key);
  v_bytes constant int := octet_length(p_key) + octet_length(p_data);
  v_shard millrace.shard;
BEGIN
  SELECT * INTO v_stream FROM millrace.stream WHERE name = p_stream;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'stream "%" does not exist', p_stream USING ERRCODE = 'undefined_object';
  END IF;
  IF char_length(p_key) NOT BETWEEN 1 AND 256 OR p_key IS NULL THEN
    RAISE EXCEPTION 'expected a partition key of 1 to 256 characters, got %', coalesce(char_length(p_key), 0) USING ERRCODE = 'check_violation';
  END IF;
  IF p_data IS NULL OR v_bytes > v_stream.max_record_bytes THEN
    RAISE EXCEPTION 'expected a record of at most % bytes, got %', v_stream.max_record_bytes, coalesce(v_bytes::text, 'null') USING ERRCODE = 'check_violation';
  END IF;
  FOR v_attempt IN 1..5 LOOP
    SELECT * INTO v_shard FROM millrace.shard sh
     WHERE sh.stream_id = v_stream.id AND sh.state = 'open' AND v_hash BETWEEN sh.hash_start AND sh.hash_end;
    BEGIN
      sequence := millrace.append_frame(v_shard.id, v_bytes, ARRAY[p_key], ARRAY[p_data]);
    EXCEPTION WHEN SQLSTATE 'MR001' THEN
      PERFORM millrace.ensure_segments(v_shard.id);
    END;
    IF sequence IS NOT NULL THEN
      shard := v_shard.number;
      RETURN NEXT;
      RETURN;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'no shard of stream "%" stayed open long enough', p_stream USING ERRCODE = 'serialization_failure';
END
$$;
--> statement-breakpoint

CREATE FUNCTION millrace.append(p_stream text, p_key text, p_data text)
RETURNS TABLE (shard int, sequence bigint)
LANGUAGE sql VOLATILE ROWS 1
AS $$ SELECT * FROM millrace.append(p_stream, p_key, convert_to(p_data, 'UTF8')) $$;
--> statement-breakpoint

CREATE FUNCTION millrace.append(p_stream text, p_key text, p_data jsonb)
RETURNS TABLE (shard int, sequence bigint)
LANGUAGE sql VOLATILE ROWS 1
AS $$ SELECT * FROM millrace.append(p_stream, p_key, convert_to(p_data::text, 'UTF8')) $$;

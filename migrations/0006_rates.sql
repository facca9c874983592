-- Appending, with the rates of provisioned streams.

-- The hash key of a partition key: MD5 as an unsigned 128-bit number, as src/log/hash-ring.ts has it.
CREATE OR REPLACE FUNCTION millrace.hash_key(p_key text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (('x' || substr(md5(p_key), 1, 8))::bit(32)::bigint * 79228162514264337593543950336::numeric)
     + (('x' || substr(md5(p_key), 9, 8))::bit(32)::bigint * 18446744073709551616::numeric)
     + (('x' || substr(md5(p_key), 17, 8))::bit(32)::bigint * 4294967296::numeric)
     + ('x' || substr(md5(p_key), 25, 8))::bit(32)::bigint;
--> statement-breakpoint

-- Which records of a frame a provisioned shard refuses, by their places from 1; null when it takes them all.
-- No second of the shard, wherever it begins, holds more than p_max_records records and p_max_bytes bytes: what the last
-- second holds is read from the frames themselves, whose numbers tell their time (and, where numbers stand still because
-- the clock was set back, their arrival). A record larger than a second's bytes
-- goes through when as many seconds as it takes have room for it (a stream's largest record decides how many are looked
-- at). Records are judged one by one; behind a refused one those of its key are refused too, so that keys keep their order.
--   Reads: the leaves that hold the last second(s). The caller holds the shard's lock, so nothing comes between.
CREATE FUNCTION millrace.refused_by_rate(p_shard_id int, p_first bigint, p_now timestamptz, p_bytes int, p_keys text[], p_data bytea[],
                                         p_max_records int, p_max_bytes int, p_max_record_bytes int)
RETURNS int[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_ms constant bigint := p_first >> 22;
  v_seconds constant int := greatest(1, ceil(p_max_record_bytes::numeric / p_max_bytes));
  v_second constant bigint := greatest(0, v_ms - 999) << 22;
  v_period constant bigint := greatest(0, v_ms - 1000 * v_seconds + 1) << 22;
  v_table text;
  v_sums record;
  v_records bigint := p_max_records;
  v_bytes bigint := p_max_bytes;
  v_period_bytes bigint := p_max_bytes::bigint * v_seconds;
  v_item record;
  v_refused int[] := '{}';
  v_keys text[] := '{}';
BEGIN
  FOR v_table IN
    SELECT s.table_name FROM millrace.segment s
     WHERE s.shard_id = p_shard_id AND s.used AND s.end_seq > v_period
  LOOP
    EXECUTE format('SELECT coalesce(sum(last_seq - first_seq + 1) FILTER (WHERE last_seq >= $2 AND arrived_at > $4 - interval ''1 second''), 0) AS records, '
                || 'coalesce(sum(bytes) FILTER (WHERE last_seq >= $2 AND arrived_at > $4 - interval ''1 second''), 0) AS bytes, coalesce(sum(bytes), 0) AS period_bytes '
                || 'FROM millrace.%I WHERE shard_id = $1 AND last_seq >= $3 AND arrived_at <= $4', v_table)
       INTO v_sums USING p_shard_id, v_second, v_period, p_now;
    v_records := v_records - v_sums.records;
    v_bytes := v_bytes - v_sums.bytes;
    v_period_bytes := v_period_bytes - v_sums.period_bytes;
  END LOOP;
  IF cardinality(p_data) <= v_records AND p_bytes <= v_bytes AND p_bytes <= v_period_bytes THEN
    RETURN NULL;
  END IF;
  FOR v_item IN
    SELECT i.place::int, i.key, octet_length(i.key) + octet_length(i.data) AS size
      FROM unnest(p_keys, p_data) WITH ORDINALITY AS i (key, data, place)
  LOOP
    IF v_records < 1 OR v_period_bytes < v_item.size OR (v_bytes < v_item.size AND v_item.size <= p_max_bytes)
       OR v_item.key = ANY (v_keys) THEN
      v_refused := v_refused || v_item.place;
      IF v_records > 0 THEN
        v_keys := v_keys || v_item.key;
      END IF;
    ELSE
      v_records := v_records - 1;
      v_bytes := v_bytes - v_item.size;
      v_period_bytes := v_period_bytes - v_item.size;
    END IF;
  END LOOP;
  RETURN nullif(v_refused, '{}');
END
$$;
--> statement-breakpoint

DROP FUNCTION millrace.append_frame(int, int, text[], bytea[]);
--> statement-breakpoint

-- Appends one frame to one shard. Returns null when the shard is not open; else the number of the first record that was
-- stored (0 when none was), followed by the places, from 1, of those that the shard's rate refused.
-- Raises MR001 when no segment holds the numbers (the caller creates segments and tries again).
--   Reads:  shard, stream, segment, the newest used leaf; when provisioned, the leaves of the last second
--   Writes: that leaf (or the next one), segment.used once per segment
--   Locks:  shard row FOR NO KEY UPDATE, until the caller's commit
--   Order:  every append of a shard holds its row from before the last number is read until the commit is
--           visible, so numbers, commits and visibility come in one order. Each statement of this VOLATILE function
--           has a snapshot of its own under READ COMMITTED, so the read after the lock sees the commit that released
--           it; under a stricter isolation it would not, hence the check. The row is locked, never updated: a counter
--           slows by 17 us per 1,000 appends while any old snapshot is open.
--   Time:   the clock is read once, under the lock, for number and arrival: a record's number and its arrival tell the
--           same millisecond, so AT_TIMESTAMP by number finds exactly the records that arrived from then on. After the
--           clock was set back, numbers wait in one millisecond until it has caught up.
CREATE FUNCTION millrace.append_frame(p_shard_id int, p_bytes int, p_keys text[], p_data bytea[])
RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_table text;
  v_end bigint;
  v_prev bigint;
  v_now timestamptz;
  v_stream_id int;
  v_first bigint;
  v_last bigint;
  v_stream millrace.stream;
  v_refused int[];
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append needs READ COMMITTED, this transaction is %', upper(current_setting('transaction_isolation'))
      USING ERRCODE = 'MR002';
  END IF;
  IF cardinality(p_data) < 1 OR cardinality(p_data) <> cardinality(p_keys) THEN
    RAISE EXCEPTION 'expected as many keys as records, and at least one; got % and %', cardinality(p_keys), cardinality(p_data) USING ERRCODE = 'check_violation';
  END IF;
  PERFORM FROM millrace.shard WHERE id = p_shard_id AND state = 'open' FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  SELECT s.table_name, s.end_seq INTO v_table, v_end
    FROM millrace.segment s
   WHERE s.shard_id = p_shard_id AND s.used
   ORDER BY s.start_seq DESC
   LIMIT 1;
  IF FOUND THEN
    EXECUTE format('SELECT last_seq FROM millrace.%I WHERE shard_id = $1 ORDER BY last_seq DESC LIMIT 1', v_table)
       INTO v_prev USING p_shard_id;
  END IF;

  v_now := clock_timestamp();
  SELECT greatest(sh.created_seq, v_prev + 1, millrace.seq_at(v_now)), sh.stream_id INTO v_first, v_stream_id
    FROM millrace.shard sh WHERE sh.id = p_shard_id;
  SELECT st.* INTO v_stream FROM millrace.stream st WHERE st.id = v_stream_id AND st.mode = 'provisioned';
  IF FOUND THEN
    v_refused := millrace.refused_by_rate(p_shard_id, v_first, v_now, p_bytes, p_keys, p_data,
      coalesce(v_stream.shard_records_per_second, 1000), coalesce(v_stream.shard_bytes_per_second, 1048576), v_stream.max_record_bytes);
    IF cardinality(v_refused) = cardinality(p_data) THEN
      RETURN 0::bigint || v_refused::bigint[];
    END IF;
    IF v_refused IS NOT NULL THEN
      SELECT array_agg(i.key ORDER BY i.place), array_agg(i.data ORDER BY i.place), sum(octet_length(i.key) + octet_length(i.data))
        INTO p_keys, p_data, p_bytes
        FROM unnest(p_keys, p_data) WITH ORDINALITY AS i (key, data, place)
       WHERE NOT i.place = ANY (v_refused);
    END IF;
  END IF;

  v_last := v_first + cardinality(p_data) - 1;
  IF v_end IS NULL OR v_last >= v_end THEN
    SELECT s.table_name INTO v_table
      FROM millrace.segment s
     WHERE s.shard_id = p_shard_id AND s.start_seq <= v_last AND s.end_seq > v_last
     LIMIT 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no segment of shard % holds sequence number %', p_shard_id, v_last USING ERRCODE = 'MR001';
    END IF;
    UPDATE millrace.segment SET used = true
     WHERE shard_id = p_shard_id AND table_name = v_table AND NOT used;
  END IF;

  EXECUTE format('INSERT INTO millrace.%I (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data) '
              || 'VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', v_table)
    USING p_shard_id, v_first, v_last, coalesce(v_prev, 0), p_bytes, v_now, p_keys, p_data;
  RETURN v_first || v_refused::bigint[];
END
$$;
--> statement-breakpoint

-- Appends one record in the caller's transaction: it is durable, and seen, when that commits, and is gone when it rolls
-- back. The shard is locked until then, which keeps the order rule: long transactions hold up its other writers.
-- Raises MR003 when the shard's rate refuses it. Readers find it by polling; nobody is notified.
CREATE OR REPLACE FUNCTION millrace.append(p_stream text, p_key text, p_data bytea)
RETURNS TABLE (shard int, sequence bigint)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
DECLARE
  v_stream millrace.stream;
  v_hash constant numeric := millrace.hash_key(p_key);
  v_bytes constant int := octet_length(p_key) + octet_length(p_data);
  v_shard millrace.shard;
  v_result bigint[];
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
      v_result := millrace.append_frame(v_shard.id, v_bytes, ARRAY[p_key], ARRAY[p_data]);
    EXCEPTION WHEN SQLSTATE 'MR001' THEN
      PERFORM millrace.ensure_segments(v_shard.id);
    END;
    IF v_result[1] = 0 THEN
      RAISE EXCEPTION 'rate exceeded for shard % of stream "%": try again in a moment, or split it', v_shard.number, p_stream USING ERRCODE = 'MR003';
    END IF;
    IF v_result IS NOT NULL THEN
      shard := v_shard.number;
      sequence := v_result[1];
      RETURN NEXT;
      RETURN;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'no shard of stream "%" stayed open long enough', p_stream USING ERRCODE = 'serialization_failure';
END
$$;
--> statement-breakpoint

-- Lets one read of a shard begin, or says why not: returns the call's id, or null when the shard was read 5 times within
-- the last second, or 2 MiB were returned in it. A call's bytes count for a second, or for as long as they take at
-- 2 MiB a second: after a reply of 10 MiB the shard rests for 5 s. Whoever is let in notes its bytes in the call's row.
--   Locks: an advisory transaction lock a shard, so two readers are counted one after the other
CREATE FUNCTION millrace.admit_read(p_shard_id int) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now timestamptz;
  v_id bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace.read'), p_shard_id);
  v_now := clock_timestamp();
  DELETE FROM millrace.read_call
   WHERE shard_id = p_shard_id
     AND (at + greatest(1, bytes / 2097152.0) * interval '1 second' <= v_now OR at > v_now);
  INSERT INTO millrace.read_call (shard_id, at)
  SELECT p_shard_id, v_now
    FROM millrace.read_call
   WHERE shard_id = p_shard_id
  HAVING count(*) FILTER (WHERE at > v_now - interval '1 second') < 5
     AND coalesce(sum(bytes), 0) < 2097152
  RETURNING id INTO v_id;
  RETURN v_id;
END
$$;

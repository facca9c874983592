-- The log's own functions. Sequence numbers are (milliseconds since 2025-01-01 UTC) << 22, or the last number + 1.

CREATE FUNCTION millrace.seq_at(at timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN greatest(0, floor(extract(epoch FROM at) * 1000)::bigint - 1735689600000) << 22;
--> statement-breakpoint

CREATE FUNCTION millrace.time_of(seq bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_timestamp(((seq >> 22) + 1735689600000) / 1000.0);
--> statement-breakpoint

-- Appends one frame to one shard and returns the number of its first record; null when the shard is not open.
-- Raises MR001 when no segment holds the numbers (the caller creates segments and tries again).
--   Reads:  shard, segment, the newest used leaf
--   Writes: that leaf (or the next one), segment.used once per segment
--   Locks:  shard row FOR NO KEY UPDATE, until the caller's commit
--   Order:  every append of a shard holds its row from before the last number is read until the commit is
--           visible, so numbers, commits and visibility come in one order. Each statement of this VOLATILE function
--           has a snapshot of its own under READ COMMITTED, so the read after the lock sees the commit that released
--           it; under a stricter isolation it would not, hence the check. The row is locked, never updated: a counter
--           slows by 17 us per 1,000 appends while any old snapshot is open.
CREATE FUNCTION millrace.append_frame(p_shard_id int, p_bytes int, p_keys text[], p_data bytea[])
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_count constant int := cardinality(p_data);
  v_table text;
  v_end bigint;
  v_prev bigint;
  v_first bigint;
  v_last bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append needs READ COMMITTED, this transaction is %', upper(current_setting('transaction_isolation'))
      USING ERRCODE = 'MR002';
  END IF;
  IF v_count < 1 OR v_count <> cardinality(p_keys) THEN
    RAISE EXCEPTION 'expected as many keys as records, and at least one; got % and %', cardinality(p_keys), v_count USING ERRCODE = 'check_violation';
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

  SELECT greatest(created_seq, v_prev + 1, millrace.seq_at(clock_timestamp())) INTO v_first
    FROM millrace.shard WHERE id = p_shard_id;
  v_last := v_first + v_count - 1;
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
              || 'VALUES ($1, $2, $3, $4, $5, clock_timestamp(), $6, $7)', v_table)
    USING p_shard_id, v_first, v_last, coalesce(v_prev, 0), p_bytes, p_keys, p_data;
  RETURN v_first;
END
$$;
--> statement-breakpoint

-- The number of a shard's newest record; null when it holds none.
CREATE FUNCTION millrace.last_seq(p_shard_id int) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_table text;
  v_last bigint;
BEGIN
  FOR v_table IN
    SELECT s.table_name FROM millrace.segment s
     WHERE s.shard_id = p_shard_id AND s.used ORDER BY s.start_seq DESC
  LOOP
    EXECUTE format('SELECT last_seq FROM millrace.%I WHERE shard_id = $1 ORDER BY last_seq DESC LIMIT 1', v_table)
       INTO v_last USING p_shard_id;
    IF v_last IS NOT NULL THEN
      RETURN v_last;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
--> statement-breakpoint

-- How many records a shard holds after a sequence number. Reads the bounds of the frames after it, not their data.
CREATE FUNCTION millrace.records_after(p_shard_id int, p_seq bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_table text;
  v_count bigint;
  v_total bigint := 0;
BEGIN
  FOR v_table IN
    SELECT s.table_name FROM millrace.segment s
     WHERE s.shard_id = p_shard_id AND s.used AND s.end_seq > p_seq
  LOOP
    EXECUTE format('SELECT coalesce(sum(last_seq - greatest(first_seq, $2 + 1) + 1), 0) FROM millrace.%I '
                || 'WHERE shard_id = $1 AND last_seq > $2', v_table)
       INTO v_count USING p_shard_id, p_seq;
    v_total := v_total + v_count;
  END LOOP;
  RETURN v_total;
END
$$;
--> statement-breakpoint

-- Creates the table of one segment and attaches it. LIKE + CHECK + ATTACH takes ShareUpdateExclusive on the parent,
-- which readers and writers do not feel; CREATE TABLE ... PARTITION OF would block them behind any open reader.
CREATE FUNCTION millrace.attach_segment(p_parent text, p_table text, p_column text, p_start bigint, p_end bigint)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  EXECUTE format('CREATE TABLE millrace.%I (LIKE millrace.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)',
                 p_table, p_parent);
  EXECUTE format('ALTER TABLE millrace.%I ADD CONSTRAINT segment_bounds CHECK (%I >= %s AND %I < %s)',
                 p_table, p_column, p_start, p_column, p_end);
  EXECUTE format('ALTER TABLE millrace.%I ATTACH PARTITION millrace.%I FOR VALUES FROM (%s) TO (%s)',
                 p_parent, p_table, p_start, p_end);
  EXECUTE format('ALTER TABLE millrace.%I DROP CONSTRAINT segment_bounds', p_table);
END
$$;
--> statement-breakpoint

-- Spares ANALYZE the payload of a frame table: its statistics serve no plan, and sampling 3,000 frames takes a second.
CREATE FUNCTION millrace.skip_payload_statistics(p_table text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  EXECUTE format('ALTER TABLE millrace.%I ALTER COLUMN data SET STATISTICS 0, ALTER COLUMN partition_keys SET STATISTICS 0', p_table);
END
$$;
--> statement-breakpoint

-- Makes a new shard's own part of the frame table. Locks: ShareUpdateExclusive on millrace.frame.
CREATE FUNCTION millrace.create_shard_table(p_shard_id int) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_table constant text := 'frame_s' || p_shard_id;
BEGIN
  EXECUTE format('CREATE TABLE millrace.%I (LIKE millrace.frame INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION) PARTITION BY RANGE (last_seq)', v_table);
  PERFORM millrace.skip_payload_statistics(v_table);
  EXECUTE format('ALTER TABLE millrace.frame ATTACH PARTITION millrace.%I FOR VALUES IN (%s)', v_table, p_shard_id);
END
$$;
--> statement-breakpoint

-- Creates the segments that a shard lacks up to one whole segment ahead of the clock; returns how many.
-- A segment spans 1/24 of the stream's retention, aligned to it, so that bounds are the same in all shards.
--   Locks: an advisory transaction lock a shard (one creator at a time), ShareUpdateExclusive on the shard's table
--   Order: bounds only grow; a crash leaves whole segments or none, since DDL and catalogue are one transaction.
CREATE FUNCTION millrace.ensure_segments(p_shard_id int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_span bigint;
  v_now bigint;
  v_start bigint;
  v_end bigint;
  v_table text;
  v_created int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace.segment'), p_shard_id);
  SELECT (st.retention_hours::bigint * 3600000 / 24) << 22 INTO v_span
    FROM millrace.shard sh JOIN millrace.stream st ON st.id = sh.stream_id
   WHERE sh.id = p_shard_id AND sh.state = 'open';
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  LOOP
    v_now := millrace.seq_at(clock_timestamp());
    SELECT max(end_seq) INTO v_start FROM millrace.segment WHERE shard_id = p_shard_id;
    EXIT WHEN v_start > v_now + v_span;
    v_start := greatest(coalesce(v_start, 0), v_now / v_span * v_span);
    v_end := (v_start / v_span + 1) * v_span;
    v_table := 'frame_s' || p_shard_id || '_' || (v_start >> 22);
    PERFORM millrace.attach_segment('frame_s' || p_shard_id, v_table, 'last_seq', v_start, v_end);
    PERFORM millrace.skip_payload_statistics(v_table);
    INSERT INTO millrace.segment (shard_id, start_seq, end_seq, table_name)
    VALUES (p_shard_id, v_start, v_end, v_table);
    v_created := v_created + 1;
  END LOOP;
  RETURN v_created;
END
$$;
--> statement-breakpoint

-- Creates the daily segments of millrace.event for the days of p_from .. p_to; returns how many were missing.
CREATE FUNCTION millrace.ensure_event_segments(p_from bigint, p_to bigint) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_span constant bigint := 86400000::bigint << 22;
  v_start bigint := p_from / v_span * v_span;
  v_table text;
  v_created int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace.segment'), 0);
  WHILE v_start <= p_to LOOP
    v_table := 'event_' || to_char(millrace.time_of(v_start) AT TIME ZONE 'UTC', 'YYYYMMDD');
    IF to_regclass('millrace.' || v_table) IS NULL THEN
      PERFORM millrace.attach_segment('event', v_table, 'seq', v_start, v_start + v_span);
      v_created := v_created + 1;
    END IF;
    v_start := v_start + v_span;
  END LOOP;
  RETURN v_created;
END
$$;
--> statement-breakpoint

SELECT millrace.skip_payload_statistics('frame');

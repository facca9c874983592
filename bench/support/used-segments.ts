import type { Pool } from 'pg'
import { transaction } from '../../src/db/transaction.ts'
import type { BenchLine } from './lines.ts'

/** Gives a shard used segments of an hour, `count` of them, one frame each, the newest ending `hoursAgo`. */
export async function addHours(
  pool: Pool,
  shardId: number,
  count: number,
  hoursAgo: number,
): Promise<void> {
  await pool.query(
    `do $do$
     declare
       v_hour constant bigint := 3600000::bigint << 22;
       v_start bigint;
       v_table text;
     begin
       for i in reverse ${count}..1 loop
         v_start := (millrace.seq_at(clock_timestamp()) / v_hour - ${hoursAgo} - i) * v_hour;
         v_table := 'frame_s${shardId}_' || (v_start >> 22);
         perform millrace.attach_segment('frame_s${shardId}', v_table, 'last_seq', v_start, v_start + v_hour);
         insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used) values (${shardId}, v_start, v_start + v_hour, v_table, true);
         execute format('insert into millrace.%I (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
           values (${shardId}, $1, $1, 0, 2, now(), ''{k}'', ''{x}'')', v_table) using v_start + 1;
       end loop;
     end $do$`,
  )
}

/** Gives a shard a used segment of the numbers of `spanMs` from a past `startMs` on, full of frames of these lines. */
export async function addPastSegment(
  pool: Pool,
  segment: {
    shardId: number
    startMs: number
    spanMs: number
    frames: number
    lines: readonly BenchLine[]
  },
): Promise<void> {
  const { shardId, startMs, spanMs, frames, lines } = segment
  const { rows } = await pool.query<{ start: string; end: string }>(
    `select millrace.seq_at(to_timestamp($1::float8 / 1000)) as start,
            millrace.seq_at(to_timestamp($2::float8 / 1000)) as "end"`,
    [startMs, startMs + spanMs],
  )
  const { start = '0', end = '0' } = rows[0] ?? {}
  const table = `frame_s${shardId}_${BigInt(start) >> 22n}`
  const bytes = lines.reduce((sum, line) => sum + line.data.length + line.partitionKey.length, 0)
  await transaction(pool, async (client) => {
    await client.query(`select millrace.attach_segment($1, $2, 'last_seq', $3, $4)`, [
      `frame_s${shardId}`,
      table,
      start,
      end,
    ])
    await client.query(
      `insert into millrace.segment (shard_id, start_seq, end_seq, table_name, used)
       values ($1, $2, $3, $4, true)`,
      [shardId, start, end, table],
    )
    await client.query(
      `insert into millrace.${client.escapeIdentifier(table)}
              (shard_id, first_seq, last_seq, prev_seq, bytes, arrived_at, partition_keys, data)
       select $1, $2::bigint + frame * $3::int, $2::bigint + (frame + 1) * $3::int - 1,
              case when frame > 0 then $2::bigint + frame * $3::int - 1 else 0 end, $4, now(), $5, $6
         from generate_series(0, $7::int - 1) as frame`,
      [
        shardId,
        start,
        lines.length,
        bytes,
        lines.map((line) => line.partitionKey),
        lines.map((line) => line.data),
        frames,
      ],
    )
  })
}

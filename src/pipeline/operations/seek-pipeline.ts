import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { lockPipeline } from './lock-pipeline.ts'
import { follows, isActive } from './pipeline-sql.ts'
import { boundedStart, type Position, startSequence } from './start-sequence.ts'

export type SeekInput = { name: string } & (
  | {
      to: Position
      /** Only the shards of this stream; with `shard`, one of them. Default: all. */
      stream?: string
      shard?: number
    }
  /** One shard, to the record with this number: it is the next to be processed. */
  | { stream: string; shard: number; sequence: bigint }
)

export interface SoughtShard {
  stream: string
  shard: number
  /** The last processed sequence number, before and after; 0: none yet. */
  from: bigint
  to: bigint
}

interface LockedShard {
  id: number
  stream: string
  shard: number
  isExpired: boolean
  seq: string
  last: string
}

/**
 * Moves a pipeline's checkpoints, and forgets the windows that were open in those shards. When this returns no batch of
 * before can commit any more; a paused pipeline stays paused. What was written before stays: a pipeline that is moved back
 * does its work again. Fails with `not_found`, or with `invalid_argument` for a moment in the future or a number behind the
 * shard's end. Returns the shards of which retention has left something.
 *
 * Reads: shard, the newest frame of each. Writes: pipeline, missing checkpoints, then the checkpoints, window_state.
 * Locks and order: lock-pipeline.ts.
 */
export async function seekPipeline(deps: { pool: Pool }, input: SeekInput): Promise<SoughtShard[]> {
  try {
    return await transaction(deps.pool, async (client) => {
      await lockPipeline(client, input.name)
      await addCheckpoints(client, input.name)
      const shards = await lockShards(client, input)
      const start =
        'sequence' in input ? startAt(input, shards[0]) : await startSequence(client, input.to)
      const ids = shards.map((shard) => shard.id)
      const { rows } = await client.query<{ id: number; seq: string }>(
        `update millrace.checkpoint
            set seq = ${boundedStart('shard_id', '$3')},
                epoch = epoch + 1,
                owner = null,
                lease_expires_at = null,
                failures = 0,
                failed_to = null,
                last_error = null,
                last_error_at = null,
                retry_at = null,
                updated_at = clock_timestamp()
          where pipeline = $1
            and shard_id = any($2::int[])
         returning shard_id as id, seq`,
        [input.name, ids, String(start)],
      )
      await client.query(
        'delete from millrace.window_state where pipeline = $1 and shard_id = any($2::int[])',
        [input.name, ids],
      )
      const moved = new Map(rows.map((row) => [row.id, BigInt(row.seq)]))
      const kept = shards.filter(({ isExpired }) => !isExpired)
      return kept.map(({ id, stream, shard, seq }) => ({
        stream,
        shard,
        from: BigInt(seq),
        to: moved.get(id) ?? BigInt(seq),
      }))
    })
  } catch (error) {
    throw toMillraceError(error, `moving pipeline "${input.name}"`)
  }
}

/** For shards that no worker has looked at yet: without one they would be read from their beginning, wherever we seek. */
async function addCheckpoints(client: PoolClient, name: string): Promise<void> {
  await client.query(
    `insert into millrace.checkpoint (pipeline, shard_id, seq)
     select p.name, sh.id, 0
       from millrace.pipeline p
       join millrace.stream st on ${follows}
       join millrace.shard sh on sh.stream_id = st.id
      where p.name = $1
        and ${isActive}
         on conflict do nothing`,
    [name],
  )
}

/** The shards that are meant, locked in the order of their ids, listed as people name them. */
async function lockShards(client: PoolClient, input: SeekInput): Promise<LockedShard[]> {
  const { name, stream, shard } = input
  if (shard !== undefined && stream === undefined)
    throw new MillraceError(
      'invalid_argument',
      `expected a stream beside shard ${shard}: every stream has shards of that number`,
    )
  const { rows } = await client.query<LockedShard>(
    `select c.shard_id as id,
            st.name as stream,
            sh.number as shard,
            coalesce(sh.closed_seq < millrace.horizon(st), false) as "isExpired",
            c.seq,
            coalesce(millrace.last_seq(c.shard_id), 0) as last
       from millrace.checkpoint c
       join millrace.shard sh on sh.id = c.shard_id
       join millrace.stream st on st.id = sh.stream_id
      where c.pipeline = $1
        and ($2::text is null or st.name = $2)
        and ($3::int is null or sh.number = $3)
      order by c.shard_id
        for update of c`,
    [name, stream ?? null, shard ?? null],
  )
  if (rows.length === 0 && stream !== undefined)
    throw new MillraceError(
      'not_found',
      `pipeline "${name}" has no ${shard === undefined ? 'shard' : `shard ${shard}`} of stream "${stream}"; millrace pipeline status ${name} shows what it follows`,
      { details: { pipeline: name, stream } },
    )
  return rows.sort((a, b) => a.stream.localeCompare(b.stream) || a.shard - b.shard)
}

function startAt(
  input: { stream: string; shard: number; sequence: bigint },
  shard: LockedShard | undefined,
): bigint {
  const last = BigInt(shard?.last ?? 0)
  if (input.sequence > last)
    throw new MillraceError(
      'invalid_argument',
      `expected a sequence number up to ${last}, the last of ${input.stream}/${input.shard}, got ${input.sequence}; LATEST goes behind it`,
    )
  return input.sequence - 1n
}

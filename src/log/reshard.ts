import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { sqlStateOf, sqlStates, toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import type { Shard } from './describe-stream.ts'
import type { HashRange } from './hash-ring.ts'
import { streamNotFound } from './stream-not-found.ts'
import { maxShards } from './stream-settings.ts'
import { notifyShards } from './wake.ts'

/*
 * How the shards of a stream change: split, merge and scale are plans, and this carries one out.
 *
 * Guarantees. The open shards tile the hash keys before and after, for whoever looks, since a plan is one transaction. No
 * acknowledged record is lost or comes twice: a parent's last number is read under the lock that its appends hold until
 * they commit, and after its closing nobody appends to it. A child's numbers are larger than all of its parents', so a
 * key's records are in the order of their numbers across the reshard, and time is tiled too: each moment belongs to the
 * parent or to the child.
 *
 *   lock stream (or: resource_in_use) -> plan -> make the children and their tables, unseen
 *     -> lock parents: waits for appends in flight -> their last number -> close them, number the children -> COMMIT
 *
 * A crash before COMMIT leaves the stream as it was; after it only the hint to readers may be missing, and they poll.
 * Appends stand still for the two statements after the parents' lock, not while tables are made.
 */

/** A shard that a plan opens. Named as a parent by a later one of the same plan, it is closed at once and never written. */
export interface PlannedShard extends HashRange {
  number: number
  /** Numbers of one or two shards, of the stream or of this plan. */
  parents: readonly number[]
}

/** The shards to open, given the open ones by hash key and the first number that is free. Throws where it cannot be. */
export type Planner = (
  open: readonly OpenShard[],
  nextNumber: number,
  all: readonly OpenShard[],
) => readonly PlannedShard[]

export type OpenShard = Pick<Shard, 'id' | 'number' | 'state' | 'hashStart' | 'hashEnd'>

export interface ReshardResult {
  /** Numbers of the shards that were open and are closed now. */
  closed: number[]
  /** Numbers of the shards that are open now and were not. */
  opened: number[]
}

/** How long it waits for appends in flight: a transaction that appended in SQL and does not end holds its shard. */
const lockTimeoutMs = 5_000

/**
 * Carries out a plan. Fails with `not_found`; `resource_in_use` (retryable) while another reshard of the stream is under
 * way; `conflict` (retryable) when a transaction holds a parent for 5 s; `limit_exceeded` beyond 500 open shards.
 *
 * Writes: shard, segment. DDL: the children's tables.
 * Locks: the stream's row FOR NO KEY UPDATE (one reshard at a time), ShareUpdateExclusive on millrace.frame, then the
 * parents' rows in ascending id, as appends take them.
 */
export async function reshard(
  deps: { pool: Pool },
  input: { stream: string; origin: Shard['origin'] },
  plan: Planner,
): Promise<ReshardResult> {
  const action = `resharding stream "${input.stream}"`
  try {
    const { parents, children } = await transaction(deps.pool, async (client) => {
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`)
      const streamId = await lockStream(client, input.stream)
      const shards = await readShards(client, streamId)
      const open = shards.filter((shard) => shard.state === 'open')
      const planned = plan(open, Math.max(-1, ...shards.map((shard) => shard.number)) + 1, shards)
      if (planned.length === 0) return { parents: [], children: [] }
      const superseded = new Set(planned.flatMap((shard) => shard.parents))
      const parents = open.filter((shard) => superseded.has(shard.number))
      const children = planned.filter((shard) => !superseded.has(shard.number))
      requireRoom(input.stream, open.length - parents.length + children.length)
      await insertShards(client, { streamId, origin: input.origin, planned, children })
      await closeAndNumber(client, { streamId, parents, planned, superseded })
      return { parents, children }
    })
    await notifyShards(
      deps,
      parents.map((shard) => shard.id),
    ).catch(() => undefined)
    return {
      closed: parents.map((shard) => shard.number),
      opened: children.map((shard) => shard.number),
    }
  } catch (error) {
    throw toMillraceError(error, action)
  }
}

async function lockStream(client: PoolClient, name: string): Promise<number> {
  const { rows } = await client
    .query<{ id: number }>(
      `select id
         from millrace.stream
        where name = $1
          for no key update nowait`,
      [name],
    )
    .catch((error: unknown) => {
      if (sqlStateOf(error) !== sqlStates.lockTimeout) throw error
      throw new MillraceError(
        'resource_in_use',
        `stream "${name}" is being changed by somebody else; try again when that is done`,
        { retryable: true, details: { stream: name }, cause: error },
      )
    })
  const stream = rows[0]
  if (!stream) throw streamNotFound(name)
  return stream.id
}

async function readShards(client: PoolClient, streamId: number): Promise<OpenShard[]> {
  const { rows } = await client.query<
    Omit<OpenShard, 'hashStart' | 'hashEnd'> & Record<'hashStart' | 'hashEnd', string>
  >(
    `select id, number, state, hash_start as "hashStart", hash_end as "hashEnd"
       from millrace.shard
      where stream_id = $1
      order by hash_start, number`,
    [streamId],
  )
  return rows.map((row) => ({
    ...row,
    hashStart: BigInt(row.hashStart),
    hashEnd: BigInt(row.hashEnd),
  }))
}

function requireRoom(stream: string, count: number): void {
  if (count <= maxShards) return
  throw new MillraceError(
    'limit_exceeded',
    `expected stream "${stream}" to have at most ${maxShards} open shards, this would make it ${count}`,
    { details: { stream, limit: maxShards, shards: count } },
  )
}

/** Makes the planned shards, those that stay open with their tables and first segments. Nobody sees them before the commit. */
async function insertShards(
  client: PoolClient,
  made: {
    streamId: number
    origin: Shard['origin']
    planned: readonly PlannedShard[]
    children: readonly PlannedShard[]
  },
): Promise<void> {
  const { planned } = made
  await client.query(
    `insert into millrace.shard (stream_id, number, hash_start, hash_end, parents, origin, created_seq)
     select $1, number, hash_start, hash_end, parents::int[], $6, 0
       from unnest($2::int[], $3::numeric[], $4::numeric[], $5::text[]) as planned (number, hash_start, hash_end, parents)
      order by number`,
    [
      made.streamId,
      planned.map((shard) => shard.number),
      planned.map((shard) => String(shard.hashStart)),
      planned.map((shard) => String(shard.hashEnd)),
      planned.map((shard) => `{${shard.parents.join(',')}}`),
      made.origin,
    ],
  )
  await client.query(
    `select millrace.create_shard_table(id), millrace.ensure_segments(id)
       from (select id
               from millrace.shard
              where stream_id = $1
                and number = any($2::int[])
              order by id) as child`,
    [made.streamId, made.children.map((shard) => shard.number)],
  )
}

/** Closes the parents with their last number and gives the planned shards theirs, generation after generation. */
async function closeAndNumber(
  client: PoolClient,
  change: {
    streamId: number
    parents: readonly OpenShard[]
    planned: readonly PlannedShard[]
    superseded: ReadonlySet<number>
  },
): Promise<void> {
  const { streamId, planned, superseded } = change
  const ids = change.parents.map((shard) => shard.id)
  await client.query(
    `select id
       from millrace.shard
      where id = any($1::int[])
      order by id
        for no key update`,
    [ids],
  )
  // A new statement, after the lock: it sees the last append that held it.
  const { rows } = await client.query<{ closed: string }>(
    `update millrace.shard
        set state = 'closed',
            closed_seq = (select max(greatest(created_seq, millrace.last_seq(id), millrace.seq_at(clock_timestamp())))
                            from millrace.shard
                           where id = any($1::int[]))
      where id = any($1::int[])
     returning closed_seq as closed`,
    [ids],
  )
  const closed = BigInt(rows[0]?.closed ?? 0)
  const generation = new Map<number, bigint>()
  for (const shard of planned) {
    const ofParents = shard.parents.map((number) => generation.get(number) ?? 0n)
    generation.set(shard.number, 1n + ofParents.reduce((a, b) => (a > b ? a : b), 0n))
  }
  await client.query(
    `update millrace.shard as sh
        set created_seq = numbered.seq,
            closed_seq = case when numbered.superseded then numbered.seq end,
            state = case when numbered.superseded then 'closed' else 'open' end
       from unnest($2::int[], $3::bigint[], $4::boolean[]) as numbered (number, seq, superseded)
      where sh.stream_id = $1
        and sh.number = numbered.number`,
    [
      streamId,
      planned.map((shard) => shard.number),
      planned.map((shard) => String(closed + (generation.get(shard.number) ?? 1n))),
      planned.map((shard) => superseded.has(shard.number)),
    ],
  )
  // Their segments were made by the clock, which may have been set back behind the parents' numbers.
  await client.query(
    `select millrace.ensure_segments(sh.id)
       from millrace.shard sh
      where sh.stream_id = $1
        and sh.number = any($2::int[])
        and sh.state = 'open'
        and not exists (select from millrace.segment where shard_id = sh.id and end_seq > sh.created_seq)`,
    [streamId, planned.map((shard) => shard.number)],
  )
}

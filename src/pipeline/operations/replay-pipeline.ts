import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { transaction } from '../../db/transaction.ts'
import { streamNotFound } from '../../log/stream-not-found.ts'
import type { Definition } from '../scheduling/register-pipeline.ts'
import { pipelineNotFound } from './pipeline-not-found.ts'
import { follows, isActive, runs } from './pipeline-sql.ts'
import { boundedStart, startSequence } from './start-sequence.ts'

export interface ReplayInput {
  /** Whose steps run. */
  name: string
  /** The replay's own name: its checkpoints, windows and dead letters are stored under it. */
  as: string
  from: 'TRIM_HORIZON' | Date
  /** Only these of the streams that it follows. Default: all of them. */
  streams?: readonly string[]
}

export interface ReplayedPipeline {
  name: string
  replayOf: string
  streams: 'all' | readonly string[]
  /** Shards that are there now, and the records that they hold from the start on. */
  shards: number
  behind: number
  /** Live workers that run it; with none it waits for one. */
  workers: number
}

interface Original {
  replayOf: string | null
  definition: Definition | null
}

/**
 * Makes a pipeline that runs beside another one, with its steps and sinks, from an earlier place on and then for good,
 * until it is deleted. Shards that exist begin at `from`; later ones at their beginning.
 * Fails with `not_found`, `already_exists`, `invalid_argument`, or `conflict` when no worker has registered the original yet.
 *
 * Reads: stream, shard, the newest frame of each. Writes: pipeline, checkpoint, both or neither. Locks: the original's row
 * for share, so that it is not deleted meanwhile.
 */
export async function replayPipeline(
  deps: { pool: Pool },
  input: ReplayInput,
): Promise<ReplayedPipeline> {
  const { name, as, from } = input
  if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(as))
    throw new MillraceError(
      'invalid_argument',
      `expected a name of 1-64 letters, digits, "_", "." and "-" for the replay, got "${as.slice(0, 80)}"`,
    )
  try {
    return await transaction(deps.pool, async (client) => {
      const definition = await readOriginal(client, name)
      const streams = await chooseStreams(client, name, definition, input.streams)
      const start = await startSequence(client, from)
      const { rowCount } = await client.query(
        `insert into millrace.pipeline (name, definition, replay_of)
         values ($1, $2, $3)
             on conflict do nothing`,
        [
          as,
          JSON.stringify({
            ...definition,
            streams,
            start:
              from instanceof Date ? { type: 'AT_TIMESTAMP', timestamp: from.toISOString() } : from,
          } satisfies Definition),
          name,
        ],
      )
      if (rowCount !== 1)
        throw new MillraceError(
          'already_exists',
          `pipeline "${as}" already exists; choose another name, or remove it with: millrace pipeline delete ${as}`,
          { details: { pipeline: as } },
        )
      await client.query(
        `insert into millrace.checkpoint (pipeline, shard_id, seq)
         select p.name, sh.id, ${boundedStart('sh.id', '$2')}
           from millrace.pipeline p
           join millrace.stream st on ${follows}
           join millrace.shard sh on sh.stream_id = st.id
          where p.name = $1
            and ${isActive}`,
        [as, String(start)],
      )
      const { rows } = await client.query<{ shards: number; behind: number; workers: number }>(
        `select count(c.shard_id) filter (where coalesce(sh.closed_seq >= millrace.horizon(st), true))::int as shards,
                coalesce(sum(millrace.records_after(c.shard_id, greatest(c.seq, millrace.horizon(st) - 1))), 0)::float8 as behind,
                (select count(*)::int from millrace.worker w where ${runs}) as workers
           from millrace.pipeline p
           left join (millrace.checkpoint c
                      join millrace.shard sh on sh.id = c.shard_id
                      join millrace.stream st on st.id = sh.stream_id) on c.pipeline = p.name
          where p.name = $1
          group by p.name`,
        [as],
      )
      const made = rows[0] ?? { shards: 0, behind: 0, workers: 0 }
      return { name: as, replayOf: name, streams, ...made }
    })
  } catch (error) {
    throw toMillraceError(error, `replaying pipeline "${name}"`)
  }
}

async function readOriginal(client: PoolClient, name: string): Promise<Definition> {
  const { rows } = await client.query<Original>(
    'select replay_of as "replayOf", definition from millrace.pipeline where name = $1 for share',
    [name],
  )
  const original = rows[0]
  if (!original) throw await pipelineNotFound(client, name)
  if (original.replayOf !== null)
    throw new MillraceError(
      'invalid_argument',
      `pipeline "${name}" is a replay itself: replay "${original.replayOf}", whose steps it runs, or move this one with: millrace pipeline seek ${name}`,
      { details: { pipeline: name, replayOf: original.replayOf } },
    )
  if (original.definition === null)
    throw new MillraceError(
      'conflict',
      `pipeline "${name}" is known from an older version only: start a worker that has it in its configuration, then replay it`,
      { details: { pipeline: name } },
    )
  return original.definition
}

/** Those that are asked for, if the pipeline follows them; all that it follows when none are. */
async function chooseStreams(
  client: PoolClient,
  name: string,
  { streams: followed }: Definition,
  asked: readonly string[] | undefined,
): Promise<'all' | readonly string[]> {
  if (asked === undefined || asked.length === 0) return followed
  for (const stream of asked) {
    if (followed !== 'all' && !followed.includes(stream))
      throw new MillraceError(
        'invalid_argument',
        `pipeline "${name}" does not follow stream "${stream}"; it follows ${followed.join(', ')}`,
        { details: { pipeline: name, stream } },
      )
  }
  const { rows } = await client.query<{ name: string }>(
    'select name from millrace.stream where name = any($1::text[])',
    [asked],
  )
  const missing = asked.find((stream) => !rows.some((row) => row.name === stream))
  if (missing !== undefined) throw streamNotFound(missing)
  return [...new Set(asked)]
}

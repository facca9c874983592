import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { transaction } from '../../db/transaction.ts'
import { sequenceAt } from '../../log/sequence.ts'
import { isWindow } from '../batch/open-pipeline.ts'
import type { Pipeline } from '../define-pipeline.ts'
import { fenceCheckpoints } from '../operations/lock-pipeline.ts'
import type { ResolvedOptions } from '../pipeline-options.ts'

/** A definition as data: what workers and the command line know of it. */
export interface Definition extends Omit<ResolvedOptions, 'name' | 'start' | 'retry'> {
  start: 'TRIM_HORIZON' | 'LATEST' | { type: 'AT_TIMESTAMP'; timestamp: string }
  retry: Omit<ResolvedOptions['retry'], 'attempts'> & { attempts: number | 'unlimited' }
  steps: string[]
  sinks: string[]
  /** Lengths of the windows, by their step's place. */
  windows: Record<string, number>
}

export interface Registration {
  /** Which definition it is, of those that were registered under the name one after another. */
  revision: number
  outcome: 'new' | 'changed' | 'unchanged'
}

/**
 * Makes a pipeline known to all workers, with a checkpoint in every shard there is: at its `start` the first time. A
 * changed definition replaces the one before, for its replays too: workers that run that one cannot commit with it any more
 * when this returns. With `keepKnown` one that is there stays as it is, whatever this one says: for a command that works
 * beside workers.
 *
 * Refused with `conflict`, and nothing changes: another stream or start (its checkpoints would mean something else), and
 * other windows while some are open, a replay's included.
 *
 * Writes: pipeline, checkpoint, one transaction. Locks: the pipeline's row, those of its replays by name, then their
 * checkpoints (lock-pipeline.ts). A crash leaves all or nothing of it.
 */
export async function registerPipeline(
  deps: { pool: Pool },
  pipeline: Pipeline,
  options: { keepKnown?: boolean } = {},
): Promise<Registration> {
  const { name } = pipeline.options
  const definition = toDefinition(pipeline)
  return transaction(deps.pool, async (client) => {
    const { rowCount } = await client.query(
      `insert into millrace.pipeline (name, definition)
       values ($1, $2)
           on conflict do nothing`,
      [name, JSON.stringify(definition)],
    )
    if (rowCount === 1) {
      await startCheckpoints(client, pipeline.options)
      return { revision: 1, outcome: 'new' }
    }
    const { rows } = await client.query<{
      definition: Definition | null
      revision: number
      replayOf: string | null
      isSame: boolean
    }>(
      `select definition, revision, replay_of as "replayOf", definition = $2::jsonb as "isSame"
         from millrace.pipeline
        where name = $1
          for update`,
      [name, JSON.stringify(definition)],
    )
    const known = rows[0]
    if (!known) throw new MillraceError('conflict', `pipeline "${name}" is being deleted`)
    if (known.replayOf !== null)
      throw refused(
        name,
        `the name is taken by a replay of "${known.replayOf}"`,
        'give it another name',
      )
    if (known.isSame || options.keepKnown) return { revision: known.revision, outcome: 'unchanged' }
    const replays = await lockReplays(client, name)
    for (const one of [name, ...replays]) await fenceCheckpoints(client, one)
    if (known.definition)
      refuseChange(name, known.definition, definition, await hasWindows(client, [name, ...replays]))
    await client.query(
      `update millrace.pipeline
          set definition = case when name = $1 then $2 else definition end,
              revision = revision + 1,
              updated_at = clock_timestamp()
        where name = $1
           or replay_of = $1`,
      [name, JSON.stringify(definition)],
    )
    return { revision: known.revision + 1, outcome: 'changed' }
  })
}

export function toDefinition(pipeline: Pipeline): Definition {
  const { name, start, retry, ...options } = pipeline.options
  const { attempts } = retry
  return {
    ...options,
    start:
      typeof start === 'string' ? start : { ...start, timestamp: start.timestamp.toISOString() },
    retry: { ...retry, attempts: Number.isFinite(attempts) ? attempts : 'unlimited' },
    steps: pipeline.steps.map((step) => step.name),
    sinks: pipeline.sinks.map((sink) => sink.name),
    windows: Object.fromEntries(
      pipeline.steps.flatMap((step, index) => (isWindow(step) ? [[index, step.windowMs]] : [])),
    ),
  }
}

async function lockReplays(client: PoolClient, name: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select name
       from millrace.pipeline
      where replay_of = $1
      order by name
        for update`,
    [name],
  )
  return rows.map((row) => row.name)
}

/** Asked behind the fence: a batch in flight may open one. */
async function hasWindows(client: PoolClient, pipelines: readonly string[]): Promise<boolean> {
  const { rowCount } = await client.query(
    'select from millrace.window_state where pipeline = any($1::text[]) limit 1',
    [pipelines],
  )
  return rowCount === 1
}

function refuseChange(
  name: string,
  before: Definition,
  after: Definition,
  hasWindows: boolean,
): void {
  const differs = (key: 'streams' | 'start' | 'windows') =>
    JSON.stringify(before[key]) !== JSON.stringify(after[key])
  if (differs('streams'))
    throw refused(
      name,
      `it follows ${describe(before.streams)} and would now follow ${describe(after.streams)}`,
      `give the new one another name, or delete the old one: millrace pipeline delete ${name}`,
    )
  if (differs('start'))
    throw refused(
      name,
      `its start changed from ${describe(before.start)} to ${describe(after.start)}, and it has begun already`,
      `keep the start and move it: millrace pipeline seek ${name} --to ...`,
    )
  if (hasWindows && differs('windows'))
    throw refused(
      name,
      'its windows changed while some are open, whose state would be read wrongly',
      `deploy it under another name, or throw the open windows away: millrace pipeline seek ${name} --to ...`,
    )
}

function refused(name: string, found: string, todo: string): MillraceError {
  return new MillraceError('conflict', `pipeline "${name}" was not changed: ${found}; ${todo}`, {
    details: { pipeline: name },
  })
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A checkpoint for every shard there is; later shards are read from their beginning. */
async function startCheckpoints(client: PoolClient, options: ResolvedOptions): Promise<void> {
  const { start, streams, name } = options
  const at = typeof start === 'object' ? sequenceAt(start.timestamp) - 1n : 0n
  await client.query(
    `insert into millrace.checkpoint (pipeline, shard_id, seq)
     select $1, sh.id, case when $3 then coalesce(millrace.last_seq(sh.id), 0) else greatest($4::bigint, 0) end
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where ($2::text[] is null or st.name = any($2::text[]))
        and exists (select from millrace.shard where stream_id = st.id and state = 'open')
         on conflict do nothing`,
    [name, streams === 'all' ? null : streams, start === 'LATEST', String(at)],
  )
}

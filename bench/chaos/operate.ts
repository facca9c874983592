import type { Pool } from 'pg'
import { backoffMs, wait } from '../../src/base/backoff.ts'
import { isMillraceError } from '../../src/base/errors.ts'
import { toMillraceError } from '../../src/db/sqlstate.ts'
import { pausePipeline } from '../../src/pipeline/operations/pause-pipeline.ts'
import { replayPipeline } from '../../src/pipeline/operations/replay-pipeline.ts'
import { resumePipeline } from '../../src/pipeline/operations/resume-pipeline.ts'
import { replayName } from './pipelines.ts'

/** What an outage, or a change of the product's own, makes of one of ours. */
const passing = ['resource_in_use', 'conflict', 'database_unavailable'] as const
const mostAttempts = 60

/** Does it until it works, as an operator would; null when it did not in about a minute. */
export async function persist<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T | null> {
  for (let attempt = 1; attempt <= mostAttempts && !signal.aborted; attempt += 1) {
    try {
      return await act()
    } catch (error) {
      if (!isMillraceError(error, ...passing)) throw error
      await wait(backoffMs(attempt, { capMs: 1_000 }), signal)
    }
  }
  return null
}

/**
 * Pauses one of the pipelines, and resumes it. Returns what is wrong: that one of its checkpoints moved on in between, or
 * that it could not be resumed.
 */
export async function pauseForAWhile(
  pool: Pool,
  { pick, forMs }: { pick: number; forMs: number },
  signal: AbortSignal,
): Promise<string | null> {
  const name = await persist(signal, async () => {
    const names = await readNames(pool)
    const chosen = names[Math.floor(pick * names.length)] ?? ''
    await pausePipeline({ pool }, { name: chosen })
    return chosen
  })
  if (name === null) return null
  const readAll = () => persist(signal, () => readPositions(pool, name))
  const before = await readAll()
  await wait(forMs, signal)
  const after = await readAll()
  const resumed = await persist(signal, () => resumePipeline({ pool }, { name }))
  if (signal.aborted) return null
  if (resumed === null) return `pipeline ${name} could not be resumed`
  // Shards that came meanwhile have a checkpoint since.
  const hasMoved = [...(before ?? [])].some(([shardId, seq]) => after && after.get(shardId) !== seq)
  return hasMoved ? `pipeline ${name} moved on while it was paused` : null
}

async function readNames(pool: Pool): Promise<string[]> {
  const rows = await read<{ name: string }>(pool, 'select name from millrace.pipeline order by 1')
  return rows.map(({ name }) => name)
}

async function readPositions(pool: Pool, pipeline: string): Promise<Map<number, string>> {
  const rows = await read<{ shardId: number; seq: string }>(
    pool,
    'select shard_id as "shardId", seq from millrace.checkpoint where pipeline = $1',
    [pipeline],
  )
  return new Map(rows.map(({ shardId, seq }) => [shardId, seq]))
}

async function read<T extends object>(pool: Pool, text: string, values: unknown[] = []) {
  try {
    return (await pool.query<T>(text, values)).rows
  } catch (error) {
    throw toMillraceError(error, 'reading what a pipeline has done')
  }
}

/** Starts the ledger's replay, from the stream's beginning. */
export async function startReplay(pool: Pool, signal: AbortSignal): Promise<void> {
  await persist(signal, () =>
    replayPipeline({ pool }, { name: 'ledger', as: replayName, from: 'TRIM_HORIZON' }).catch(
      (error: unknown) => {
        // An attempt before had no answer.
        if (!isMillraceError(error, 'already_exists')) throw error
      },
    ),
  )
}

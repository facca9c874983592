import type { Pool, PoolClient } from 'pg'
import { transaction } from '../../db/transaction.ts'
import { advanceCheckpoint, type Progress } from '../scheduling/checkpoint.ts'
import type { Lease } from '../scheduling/lease.ts'
import type { PartialFailure } from '../step.ts'
import type { PreparedUnit, WindowChange } from './prepare-unit.ts'
import { writeAll, writeMs } from './write-all.ts'

export type CommitResult =
  | { outcome: 'committed' }
  /** The lease, or the checkpoint, is somebody else's: nothing was written. */
  | { outcome: 'lost' }
  /** A sink names records of its own as failed: nothing was written. */
  | { outcome: 'partial'; sink: string; failure: PartialFailure }

/** What ends a transaction without being an error of anybody. */
class RollBack extends Error {
  readonly result: Exclude<CommitResult, { outcome: 'committed' }>

  constructor(result: RollBack['result']) {
    super('rolled back')
    this.result = result
  }
}

/**
 * Commits a unit: its checkpoint, its windows, its letters and what its sinks write, all or nothing.
 *
 * Writes: checkpoint, window_state, then whatever the sinks do. Locks: the checkpoint's row first, until commit, so that
 * a second worker's commit waits for ours and then finds another position. Order: compare-and-set before any effect.
 * When the signal aborts the statement that runs is not waited for.
 * An error whose cause is a lost connection leaves open whether it was committed: only the checkpoint knows, so the
 * caller gives the lease up and whoever takes it reads on from there.
 */
export async function commitUnit(
  deps: { pool: Pool },
  lease: Lease,
  unit: {
    progress: Progress
    windows: readonly WindowChange[]
    writes: readonly Pick<PreparedUnit['writes'][number], 'sink' | 'write'>[]
  },
  options: { leaseMs: number; onSink?: (sink: string) => void; signal: AbortSignal },
): Promise<CommitResult> {
  try {
    await transaction(
      deps.pool,
      async (client) => {
        if (
          !(await advanceCheckpoint(client, lease, { ...unit.progress, leaseMs: options.leaseMs }))
        )
          throw new RollBack({ outcome: 'lost' })
        for (const change of unit.windows) await writeWindow(client, lease, change)
        const partial = await writeAll(client, unit.writes, options.onSink)
        if (partial) throw new RollBack({ outcome: 'partial', ...partial })
        options.onSink?.('commit')
      },
      { statementTimeoutMs: writeMs, signal: options.signal },
    )
    return { outcome: 'committed' }
  } catch (error) {
    if (error instanceof RollBack) return error.result
    throw error
  }
}

async function writeWindow(client: PoolClient, lease: Lease, change: WindowChange): Promise<void> {
  const key = [lease.pipeline, lease.shardId, change.step]
  const { before, after } = change
  if (before && before.start !== after?.start)
    await client.query(
      `delete from millrace.window_state
        where pipeline = $1 and shard_id = $2 and step = $3 and starts_at = $4`,
      [...key, new Date(before.start)],
    )
  if (after)
    await client.query(
      `insert into millrace.window_state (pipeline, shard_id, step, starts_at, ends_at, state)
       values ($1, $2, $3, $4, $5, $6)
           on conflict (pipeline, shard_id, step, starts_at) do update
          set state = excluded.state`,
      [...key, new Date(after.start), new Date(after.end), change.state],
    )
}

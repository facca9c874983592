import type { LogRecord } from '../../log/read-records.ts'
import type { Lease } from '../scheduling/lease.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import type { PreparedUnit } from './prepare-unit.ts'
import type { CallContext } from './run-steps.ts'
import type { OpenWindow } from './tumbling-window.ts'

/** What a worker holds of a shard between batches. All of it can be read again from the database. */
export interface ShardState {
  lease: Lease
  stream: string
  /** The shard's number in its stream. */
  shard: number
  windows: Map<number, OpenWindow>
  /** The database's clock less this process'. */
  clockOffsetMs: number
  /** How long the unit after the checkpoint waits, since it failed. */
  retryMs?: number
  /** Asked of an embedding provider and not written down yet. */
  usage: { requests: number; tokens: number }
}

export interface WorkOptions {
  leaseMs: number
  /** The breaker is half open: this run tries whether the outage is over. */
  isProbe: boolean
  /** Aborts when the lease is lost or the worker waits no longer. */
  signal: AbortSignal
  /** True when the worker wants to stop: between two units it may. */
  isStopping: () => boolean
  onCommitted: (records: number) => Promise<void> | void
}

/** How a turn ended: `failed` when the unit after the checkpoint has to wait, `lost` when the lease is another's. */
export type WorkOutcome = 'done' | 'lost' | 'failed' | 'stopped'

/** What is known once a commit went through. */
export function settle(state: ShardState, seq: bigint, windows: PreparedUnit['windows']): void {
  state.lease.seq = seq
  state.lease.failures = 0
  state.lease.failedTo = null
  state.lease.hasWaited = false
  state.usage = { requests: 0, tokens: 0 }
  for (const { step, after } of windows) {
    if (after) state.windows.set(step, after)
    else state.windows.delete(step)
  }
}

export function contextOf(
  pipeline: OpenPipeline,
  state: ShardState,
  signal: AbortSignal,
  records: readonly LogRecord[] = [],
): CallContext {
  const last = records.at(-1)
  return {
    pipeline: pipeline.name,
    stream: state.stream,
    shard: state.shard,
    shardId: state.lease.shardId,
    span: last ? { after: state.lease.seq, to: last.sequence } : null,
    signal,
    countEmbedding: (usage) => {
      state.usage.requests += usage.requests
      state.usage.tokens += usage.tokens
    },
    // Only what commits is counted: prepareUnit has a count of its own.
    countRedactions: () => undefined,
  }
}

/** The first and last sequence number, for a log line. */
export function rangeOf(records: readonly LogRecord[]): { from?: string; to?: string } {
  const [first, last] = [records[0], records.at(-1)]
  return first && last ? { from: String(first.sequence), to: String(last.sequence) } : {}
}

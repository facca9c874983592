import type { Pool } from 'pg'
import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { claimProbe, closeBreaker, renewProbe, returnProbe } from '../scheduling/breaker.ts'
import { noProgress } from '../scheduling/checkpoint.ts'
import {
  type Lease,
  type LeaseKey,
  releaseLease,
  renewLease,
  takeLease,
} from '../scheduling/lease.ts'
import { closeWindows } from './close-windows.ts'
import { commitUnit } from './commit-unit.ts'
import { noteFailure } from './end-or-failure.ts'
import { gatherBatch } from './gather-batch.ts'
import { findPlace, loadShard } from './load-shard.ts'
import type { OpenPipeline } from './open-pipeline.ts'
import { createShardReader } from './read-ahead.ts'
import { type ShardState, settle, type WorkOptions, type WorkOutcome } from './shard-state.ts'
import { workRecords } from './work-records.ts'

/*
 * The batch loop of one shard.
 *
 * Guarantees: every record's effects are committed exactly once, in order, or the record is where `onFailure` says.
 *
 *   take lease -> read after checkpoint -> run the steps -> BEGIN; move checkpoint (compare old and epoch); write; COMMIT
 *                        ^                                                                                   |
 *                        +-----------------------------------------------------------------------------------+
 *
 * A crash before COMMIT leaves the checkpoint where it was: the batch is read again by whoever takes the lease next,
 * after at most `leaseMs`. A crash after it loses nothing. A lost lease shows as a compare-and-set that finds no row.
 * Memory: the batch that is worked and the one that is read ahead, each within the pipeline's own limits; a slow sink
 * slows this loop, and nothing else.
 */

export interface RunShardOptions {
  owner: string
  /** Of the definition that it runs; no lease is given for another than the registered one. Default: not looked at. */
  revision?: number
  /** How long the lease outlives a dead owner. Default 5,000 ms. */
  leaseMs?: number
  /** Batches are this many times halved. Default 0. */
  halvings?: number
  /** After this long it stops at the next batch, so that other shards get their turn. Default 30,000 ms. */
  maxMs?: number
  /**
   * Waits for more records of the shard, at most `ms`; `leave` when its place is needed. Default: leave, so that the
   * run ends when the shard is read to its end and takes what is there of a batch that is not full.
   */
  waitForMore?: (ms: number, signal: AbortSignal) => Promise<'more' | 'timeout' | 'leave'>
  /** How long it waits at the shard's end. Default 1,000 ms. */
  lingerMs?: number
  /** True when the shard is to be left to others at the next batch. */
  shouldYield?: () => boolean
  /** Called after each commit with its number of records. */
  onCommitted?: (records: number) => void
  /** Ends the run at the next batch. */
  signal: AbortSignal
  /** Ends it in the middle of one, which is then done again by the next owner. Default: `signal`. */
  abort?: AbortSignal
}

export interface RunShardResult {
  /** `ended`: the shard is closed and done, so its children may start. */
  end: 'caught_up' | 'ended' | 'more' | 'busy' | 'lost' | 'failed'
  records: number
  /** How long its records wait, for the next attempt when it `failed`, or for their batch to be full. */
  retryMs?: number
}

/** Works one shard of a pipeline until it is caught up, its time is over, the lease is lost or a batch fails. */
export async function runShard(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  key: LeaseKey,
  options: RunShardOptions,
): Promise<RunShardResult> {
  const { leaseMs = 5_000, owner, revision } = options
  const logger = deps.logger.child({ pipeline: pipeline.name, shardId: key.shardId })
  const isProbe = await claimProbe(deps, pipeline.name, leaseMs)
  const taking = await takeLease(deps, key, {
    owner,
    leaseMs,
    isProbe,
    ...(revision === undefined ? {} : { revision }),
  })
  if (!taking.taken) {
    if (isProbe) await returnProbe(deps, pipeline.name)
    return { end: 'busy', records: 0 }
  }
  const { lease, clockOffsetMs } = taking
  const lost = new AbortController()
  let probing = isProbe
  let isRenewing = false
  const renewing = setInterval(() => {
    // While our own commit holds the row a renewal waits for it; one is enough.
    if (isRenewing) return
    isRenewing = true
    Promise.all([
      renewLease(deps, lease, { leaseMs }),
      probing ? renewProbe(deps, pipeline.name, leaseMs) : undefined,
    ])
      .then(
        ([kept]) => kept || lost.abort(),
        (error: unknown) => {
          const { message } = toMillraceError(error, 'renewing a lease')
          logger.warn({ error: message }, 'lease.not_renewed')
        },
      )
      .finally(() => {
        isRenewing = false
      })
  }, leaseMs / 3)
  let records = 0
  let state: ShardState | undefined
  try {
    const { isReady, ...place } = await findPlace({ ...deps, logger }, lease)
    // A job that is older than a seek: the ancestors are to be read again first.
    if (!isReady) return { end: 'busy', records }
    state = { lease, ...place, ...(await loadShard(deps, pipeline, lease)), clockOffsetMs }
    const work: WorkOptions = {
      leaseMs,
      get isProbe() {
        return probing
      },
      signal: AbortSignal.any([options.abort ?? options.signal, lost.signal]),
      isStopping: () => options.signal.aborted || lost.signal.aborted,
      onCommitted: async (count) => {
        records += count
        options.onCommitted?.(count)
        if (!probing) return
        probing = false
        if (await closeBreaker(deps, pipeline.name)) logger.info({}, 'breaker.closed')
      },
    }
    const end = await workShard({ ...deps, logger }, pipeline, state, work, options)
    const { retryMs } = state
    return {
      end: lost.signal.aborted ? 'lost' : end,
      records,
      ...(retryMs === undefined ? {} : { retryMs }),
    }
  } catch (error) {
    if (lost.signal.aborted) return { end: 'lost', records }
    // Reading failed, or noting a failure did: others try later, and the status says why.
    const failure = toMillraceError(error, `pipeline "${pipeline.name}"`)
    logger.warn({ code: failure.code, error: failure.message }, 'shard.failed')
    const waiting = { retryMs: 1_500, blamed: false, failedTo: null }
    const usage = { requests: 0, tokens: 0 }
    await noteFailure(deps, state ?? { lease, usage }, failure, waiting).catch(() => undefined)
    return { end: 'failed', records, retryMs: waiting.retryMs }
  } finally {
    clearInterval(renewing)
    await releaseLease(deps, lease).catch((error: unknown) => {
      logger.warn(
        { error: toMillraceError(error, 'releasing a lease').message },
        'lease.not_released',
      )
    })
    if (probing) await returnProbe(deps, pipeline.name).catch(() => undefined)
  }
}

async function workShard(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  state: ShardState,
  work: WorkOptions,
  options: RunShardOptions,
): Promise<RunShardResult['end']> {
  const { maxMs = 30_000, lingerMs = 1_000 } = options
  const { batch, parallelization } = pipeline.options
  const deadline = performance.now() + maxMs
  const { lease } = state
  const reader = createShardReader(deps)
  const share = parallelization / 2 ** (options.halvings ?? 0)
  const limits = {
    maxRecords: Math.ceil(batch.records * share),
    maxBytes: Math.ceil(batch.bytes * share),
  }
  const now = () => Date.now() + state.clockOffsetMs
  const waitForMore = async (ms: number) =>
    performance.now() < deadline
      ? ((await options.waitForMore?.(Math.min(ms, lingerMs), options.signal)) ?? 'leave')
      : 'leave'
  for (;;) {
    if (work.isStopping() || options.shouldYield?.()) return 'more'
    const extent = lease.failures > 0 ? lease.failedTo : null
    const gathered = await gatherBatch(reader, {
      shardId: lease.shardId,
      from: lease.seq + 1n,
      to: extent,
      ...limits,
      windowMs: extent === null ? batch.windowMs : 0,
      now,
      waitForMore,
      signal: options.signal,
    })
    if (work.isStopping()) return 'more'
    const [first] = gathered.records
    if (extent !== null && (first?.sequence ?? gathered.next) > extent) forgetFailure(lease)
    if (gathered.postponedMs !== null && options.waitForMore) {
      await postpone(deps, state, gathered.postponedMs)
      return 'caught_up'
    }
    if (first) {
      if (gathered.isFull)
        reader.readAhead({ shardId: lease.shardId, from: gathered.next, ...limits })
      const outcome = await workRecords(deps, pipeline, state, gathered.records, work)
      if (outcome !== 'done') return endOf(outcome)
      if (performance.now() >= deadline) return 'more'
      continue
    }
    // What retention took before it was processed is passed, so that the shard counts as done.
    if (gathered.next > lease.seq + 1n) {
      const progress = { ...noProgress, seq: gathered.next - 1n }
      const unit = { progress, windows: [], writes: [] }
      const { outcome } = await commitUnit(deps, lease, unit, work)
      if (outcome !== 'committed') return 'lost'
      settle(state, gathered.next - 1n, [])
    }
    const closing = await closeWindows(deps, pipeline, state, { ...work, isEnd: gathered.closed })
    if (closing === 'again') continue
    if (closing !== 'done') return endOf(closing)
    if (gathered.closed) return 'ended'
    if ((await waitForMore(lingerMs)) === 'more') continue
    return 'caught_up'
  }
}

/** What failed is gone, so its attempts are no other record's. */
function forgetFailure(lease: Lease): void {
  lease.failures = 0
  lease.failedTo = null
}

function endOf(outcome: WorkOutcome): RunShardResult['end'] {
  return outcome === 'stopped' || outcome === 'done' ? 'more' : outcome
}

/** Leaves a batch that is not full to be looked at again, soon: its window is counted from its records. */
async function postpone(deps: { pool: Pool }, state: ShardState, ms: number): Promise<void> {
  const retryMs = Math.min(ms, 500)
  await deps.pool.query(
    `update millrace.checkpoint
        set retry_at = clock_timestamp() + make_interval(secs => $4 / 1000.0)
      where pipeline = $1
        and shard_id = $2
        and epoch = $3`,
    [state.lease.pipeline, state.lease.shardId, String(state.lease.epoch), retryMs],
  )
  state.retryMs = retryMs
}

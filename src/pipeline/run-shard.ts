import type { Pool } from 'pg'
import { backoffMs } from '../base/backoff.ts'
import { MillraceError, messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import { type LogRecord, readRecords } from '../log/read-records.ts'
import { advanceCheckpoint, recordFailure } from './checkpoint.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { type Lease, type LeaseKey, releaseLease, renewLease, takeLease } from './lease.ts'
import type { Pipeline, Sink } from './pipeline.ts'

/*
 * The batch loop of one shard.
 *
 * Guarantees: every record's effects are committed exactly once, in order, or the record is in the dead letters.
 *
 *   take lease -> read after checkpoint -> run the steps -> BEGIN; move checkpoint (compare old and epoch); write; COMMIT
 *                        ^                                                                                   |
 *                        +-----------------------------------------------------------------------------------+
 *
 * A crash before COMMIT leaves the checkpoint where it was: the batch is read again by whoever takes the lease next,
 * after at most `leaseMs`. A crash after it loses nothing. A lost lease shows as a compare-and-set that finds no row.
 *
 * Failures: a retryable error is the outside world's (the provider, the database): the batch waits, with backoff, and
 * is never given up. Any other error is a record's: the batch is halved until it is that record alone, so everything
 * before it commits; after `maxAttempts` it goes to the dead letters in the transaction that passes it.
 */

export interface RunShardOptions {
  owner: string
  /** How long the lease outlives a dead owner. Default 5,000 ms. */
  leaseMs?: number
  /** After this long it stops at the next batch, so that other shards get their turn. Default 30,000 ms. */
  maxMs?: number
  /** Attempts at a single record before it goes to the dead letters. Default 3. */
  maxAttempts?: number
  /** When the shard is read to its end: resolves true to look again, false to stop. Default: stop. */
  waitForMore?: (shardId: number, signal: AbortSignal) => Promise<boolean>
  /** Called after each commit with its number of records. */
  onCommitted?: (records: number) => void
  signal: AbortSignal
}

export interface RunShardResult {
  end: 'caught_up' | 'more' | 'busy' | 'lost' | 'failed'
  records: number
}

interface ShardPlace {
  stream: string
  shard: number
}

/** Works one shard of a pipeline until it is caught up, its time is over, the lease is lost or a batch fails. */
export async function runShard(
  deps: { pool: Pool; logger: Logger },
  pipeline: Pipeline,
  key: LeaseKey,
  options: RunShardOptions,
): Promise<RunShardResult> {
  const { leaseMs = 5_000, maxMs = 30_000, signal } = options
  const taking = await takeLease(deps, key, { owner: options.owner, leaseMs })
  if (!taking.taken) return { end: 'busy', records: 0 }
  const { lease } = taking
  const logger = deps.logger.child({ pipeline: pipeline.name, shardId: key.shardId })
  const lost = new AbortController()
  const stop = AbortSignal.any([signal, lost.signal])
  const renewing = setInterval(() => {
    renewLease(deps, lease, { leaseMs }).then(
      (kept) => kept || lost.abort(),
      (error: unknown) => logger.warn({ error: messageOf(error) }, 'lease.not_renewed'),
    )
  }, leaseMs / 3)
  const deadline = performance.now() + maxMs
  const maxRecords = pipeline.batchRecords ?? 2_000
  let limit = maxRecords
  let records = 0
  try {
    const place = await findPlace(deps, key.shardId)
    for (;;) {
      if (stop.aborted) return { end: lost.signal.aborted ? 'lost' : 'more', records }
      const batch = await readRecords(deps, {
        shardId: key.shardId,
        from: lease.seq + 1n,
        maxRecords: limit,
        maxBytes: pipeline.batchBytes ?? 4 * 1024 * 1024,
      })
      const last = batch.records.at(-1)
      if (!last) {
        // What retention took before it was processed is passed, so that the shard counts as done.
        if (batch.next > lease.seq + 1n) {
          const seq = batch.next - 1n
          const outcome = await commitBatch(deps, lease, { seq, leaseMs, sink: async () => {} })
          if (outcome === 'lost') return { end: 'lost', records }
          lease.seq = seq
        }
        if (performance.now() < deadline && (await options.waitForMore?.(key.shardId, stop)))
          continue
        return { end: 'caught_up', records }
      }
      const outcome = await workBatch(
        { ...deps, logger },
        { pipeline, lease, place, records: batch.records },
        { leaseMs, maxAttempts: options.maxAttempts ?? 3, signal: stop },
      )
      if (outcome === 'lost' || outcome === 'failed') return { end: outcome, records }
      if (outcome === 'halve') {
        limit = Math.max(1, Math.floor(batch.records.length / 2))
        continue
      }
      lease.seq = last.sequence
      lease.failures = 0
      records += batch.records.length
      options.onCommitted?.(batch.records.length)
      limit = Math.min(maxRecords, limit * 2)
      if (performance.now() >= deadline) return { end: 'more', records }
    }
  } catch (error) {
    // Reading failed, or noting a failure did: others try later, and the status says why.
    const failure = toMillraceError(error, `pipeline "${pipeline.name}"`)
    logger.warn({ code: failure.code, error: failure.message }, 'shard.failed')
    await recordFailure(deps, lease, { error: failure.message, retryMs: outageMs(), blamed: false })
    return { end: 'failed', records }
  } finally {
    clearInterval(renewing)
    await releaseLease(deps, lease).catch((error: unknown) => {
      logger.warn({ error: messageOf(error) }, 'lease.not_released')
    })
  }
}

type Outcome = 'committed' | 'lost' | 'failed' | 'halve'

async function workBatch(
  deps: { pool: Pool; logger: Logger },
  work: { pipeline: Pipeline; lease: Lease; place: ShardPlace; records: readonly LogRecord[] },
  options: { leaseMs: number; maxAttempts: number; signal: AbortSignal },
): Promise<Outcome> {
  const { pipeline, lease, records } = work
  const first = records[0]
  const last = records.at(-1)
  if (!first || !last) return 'committed'
  const commit = (sink: Sink): Promise<Outcome> =>
    commitBatch(deps, lease, { seq: last.sequence, leaseMs: options.leaseMs, sink })
  try {
    const sink = await pipeline.process(
      { ...work.place, shardId: lease.shardId, records },
      { signal: options.signal },
    )
    return await commit(sink)
  } catch (error) {
    const failure = toMillraceError(error, `pipeline "${pipeline.name}"`)
    const where = { from: String(first.sequence), to: String(last.sequence) }
    if (options.signal.aborted) return 'failed'
    const blamed = !failure.retryable
    if (blamed && records.length > 1) return 'halve'
    const attempts = lease.failures + 1
    if (blamed && attempts >= options.maxAttempts) {
      const letter = { record: first, error: failure.message, attempts }
      const outcome = await commit((client) => keepDeadLetter(client, lease, letter))
      deps.logger.error({ ...where, code: failure.code, error: failure.message }, 'record.dead')
      return outcome
    }
    const retryMs = blamed ? backoffMs(attempts, { baseMs: 200, capMs: 30_000 }) : outageMs()
    deps.logger.warn(
      { ...where, code: failure.code, error: failure.message, retryMs },
      'batch.failed',
    )
    await recordFailure(deps, lease, { error: failure.message, retryMs, blamed })
    return 'failed'
  }
}

/** How long a shard waits while the outside world is at fault: one to two seconds. */
function outageMs(): number {
  return backoffMs(1, { baseMs: 2_000 })
}

async function commitBatch(
  deps: { pool: Pool },
  lease: Lease,
  options: { seq: bigint; leaseMs: number; sink: Sink },
): Promise<Outcome> {
  try {
    await transaction(deps.pool, async (client) => {
      if (!(await advanceCheckpoint(client, lease, options))) throw leaseLost
      await options.sink(client)
    })
    return 'committed'
  } catch (error) {
    if (error === leaseLost) return 'lost'
    throw error
  }
}

/** Rolls the batch's transaction back; never leaves this file. */
const leaseLost = new MillraceError('conflict', 'the lease was lost')

async function findPlace(deps: { pool: Pool }, shardId: number): Promise<ShardPlace> {
  const { rows } = await deps.pool.query<ShardPlace>(
    `select st.name as stream, sh.number as shard
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where sh.id = $1`,
    [shardId],
  )
  const place = rows[0]
  if (!place) throw new MillraceError('not_found', `shard ${shardId} was deleted`)
  return place
}

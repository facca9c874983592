import type { Pool } from 'pg'
import { backoffMs, wait } from '../base/backoff.ts'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { sqlStateOf, sqlStates, toMillraceError } from '../db/sqlstate.ts'
import { appendFrames, createFrameBuffers } from './append-frames.ts'
import { describeStream, type Shard, type Stream } from './describe-stream.ts'
import { ensureSegments } from './ensure-segments.ts'
import { findRange } from './hash-ring.ts'
import { type NewRecord, type PutResult, recordProblem } from './new-record.ts'
import { createKeyEncoder } from './partition-keys.ts'
import {
  acknowledge,
  type Entry,
  failed,
  type ShardQueue,
  takeBatch,
  toFrame,
} from './shard-queue.ts'
import { createWaker } from './wake.ts'

/*
 * The producer: many callers, few transactions.
 *
 * Guarantees. A record's result is `ok` only after the transaction that holds it was flushed to disk. Records of one
 * key that one caller puts one after the other keep their order. Nothing is dropped in silence: a record is stored and
 * acknowledged, or its result says why not. When the connection is lost in a commit nobody can know whether it took
 * place: those records fail with `database_unavailable`, and putting them again may store them twice.
 *
 * How. Each shard belongs to one lane (by id), each lane has one transaction in flight. What arrives meanwhile waits in
 * the shard's queue and goes with the next one, as one frame a shard: batches grow with load and there is no linger
 * timer (256 callers with one record each: 94,000 acks/s with one lane, 51,000 with two, 1,400 without coalescing). A lane
 * owns its queues while it runs; a record is in exactly one queue or one frame in flight. A shard that somebody else's
 * transaction holds is sent apart, so that its lane goes on with the others; what is put to it meanwhile waits behind it.
 * When a shard turns out to be closed (a
 * null from append), its stream stands still: transactions under way end, the shards are read again, then what was
 * refused, what waited behind it and what is put meanwhile go on in this order. So a key keeps its order across a reshard.
 *
 * A provisioned stream's shard refuses single records beyond its rate: they fail with `throughput_exceeded` and later
 * ones go on, so whoever needs the order of a key across refusals waits for each result before the next put.
 *
 * Memory is bounded: beyond `maxBufferedBytes` a record is refused with `throughput_exceeded`, alone.
 * A crash loses only records that were never acknowledged.
 */

export interface ProducerOptions {
  /**
   * Transactions in flight at the same time. Default 1: two make smaller frames and more commits, which was faster only
   * with thousands of callers (docs/benchmarks.md).
   */
  lanes?: number
  /** Bytes accepted and not yet durable. Default 64 MiB. */
  maxBufferedBytes?: number
}

export interface Producer {
  /**
   * Appends records to a stream; one result each, in their order. Fails as a whole only when the stream does not exist
   * (`not_found`), the producer was stopped (`aborted`) or the stream could not be looked up.
   */
  put(stream: string, records: readonly NewRecord[]): Promise<PutResult[]>
  /** Waits for what was put before; accepts nothing more. Idempotent. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const maxAttempts = 5

interface Lane {
  queues: Map<number, ShardQueue>
  running: Promise<void> | undefined
  /** The transaction under way. */
  inFlight: Promise<void> | undefined
}

/** A stream whose shards have changed: its records stand still until all of them can go on in order. */
interface Move {
  /** What was sent to a shard that turned out to be closed, in the order in which it was. */
  refused: ShardQueue[]
}

export function createProducer(
  deps: { pool: Pool; logger: Logger },
  options: ProducerOptions = {},
): Producer {
  const { lanes: laneCount = 1, maxBufferedBytes = 64 * 1024 * 1024 } = options
  const encodeKey = createKeyEncoder()
  const waker = createWaker(deps)
  const buffers = createFrameBuffers(laneCount)
  const lanes: Lane[] = Array.from({ length: laneCount }, () => ({
    queues: new Map(),
    running: undefined,
    inFlight: undefined,
  }))
  const moves = new Map<string, Move>()
  /** Shards whose records are sent apart from their lane's, by id. */
  const apart = new Map<number, Promise<void>>()
  const streams = new Map<string, Promise<Route>>()
  let bufferedBytes = 0
  let stopped = false

  const routeOf = (name: string): Promise<Route> => {
    const known = streams.get(name)
    if (known) return known
    const loading = describeStream(deps, name).then(toRoute)
    loading.catch(() => streams.delete(name))
    streams.set(name, loading)
    return loading
  }

  const enqueue = (stream: string, route: Route, entry: Entry, reroutes = 0) => {
    const shard = findRange(route.open, entry.hashKey)
    if (!shard) {
      entry.settle(failed(new MillraceError('internal', `stream "${stream}" has a hash hole`)))
      return
    }
    const lane = lanes[shard.id % laneCount]
    if (!lane) return
    const queue = lane.queues.get(shard.id)
    if (queue) queue.entries.push(entry)
    else lane.queues.set(shard.id, { stream, shard, entries: [entry], reroutes })
    lane.running ??= run(lane)
  }

  const run = async (lane: Lane) => {
    // One turn of the event loop first, so that callers of this very moment share the first flush.
    await new Promise((resolve) => setImmediate(resolve))
    for (;;) {
      const batch = takeBatch(
        lane.queues,
        (queue) => moves.has(queue.stream) || apart.has(queue.shard.id),
      )
      if (batch.length === 0) break
      lane.inFlight = flush(batch)
      await lane.inFlight
      lane.inFlight = undefined
    }
    lane.running = undefined
  }

  const flush = async (batch: ShardQueue[], isApart = false) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const frames = await appendFrames({ pool: deps.pool, buffers }, batch.map(toFrame))
        const stored: number[] = []
        for (const [index, queue] of batch.entries()) {
          const frame = frames[index] ?? null
          if (frame === null) refuse(queue)
          else if (acknowledge(queue, frame) > 0) stored.push(queue.shard.id)
        }
        waker.wake(stored)
        return
      } catch (error) {
        const missing = sqlStateOf(error) === sqlStates.noSegment
        const failure = missing
          ? new MillraceError(
              'conflict',
              'the segment for these records could not be created yet',
              {
                retryable: true,
                cause: error,
              },
            )
          : toMillraceError(error, 'appending records')
        if (sqlStateOf(error) === sqlStates.lockTimeout && !isApart) {
          // A transaction holds one of the shards: the others do not wait for it.
          for (const queue of batch) sendApart(queue)
          return
        }
        if (failure.code === 'conflict' && attempt < maxAttempts) {
          if (missing) await prepareSegments(batch)
          await wait(backoffMs(attempt, { baseMs: 5, capMs: 200 }))
          continue
        }
        deps.logger.warn(
          { code: failure.code, details: failure.details, frames: batch.length },
          'append.failed',
        )
        for (const queue of batch) for (const entry of queue.entries) entry.settle(failed(failure))
        return
      }
    }
  }

  const sendApart = (queue: ShardQueue) => {
    const { id } = queue.shard
    const sending = flush([queue], true).finally(() => {
      apart.delete(id)
      const lane = lanes[id % laneCount]
      if (lane?.queues.has(id)) lane.running ??= run(lane)
    })
    apart.set(id, sending)
  }

  const prepareSegments = (batch: ShardQueue[]) =>
    ensureSegments(
      deps,
      batch.map((queue) => queue.shard.id),
    ).catch((error: unknown) => {
      deps.logger.warn({ code: toMillraceError(error, '').code }, 'segments.not_created')
    })

  /** The shard was closed, or its stream deleted: the stream's records stand still and are moved together. */
  const refuse = (queue: ShardQueue) => {
    const move = moves.get(queue.stream)
    if (move) {
      move.refused.push(queue)
      return
    }
    const begun: Move = { refused: [queue] }
    moves.set(queue.stream, begun)
    const moving = moveOn(queue.stream, begun)
    moving.catch(() => undefined)
    streams.set(queue.stream, moving)
  }

  /**
   * Sends a stream's records on by its new shards. What was refused goes before what has waited behind it, and both go
   * before what is put from now on, which waits for this promise to learn the way.
   */
  const moveOn = async (stream: string, move: Move): Promise<Route> => {
    // In this order: what ends in a lane may go on apart.
    await Promise.allSettled(lanes.map((lane) => lane.inFlight))
    await Promise.allSettled(apart.values())
    try {
      const route = toRoute(await describeStream(deps, stream))
      const queues = takeMoved(stream, move)
      for (const queue of queues)
        for (const entry of queue.entries)
          if (queue.reroutes < maxAttempts) enqueue(stream, route, entry, queue.reroutes + 1)
          else entry.settle(failed(closedTooOften(stream)))
      return route
    } catch (error) {
      const failure = toMillraceError(error, `looking up stream "${stream}"`)
      streams.delete(stream)
      for (const queue of takeMoved(stream, move))
        for (const entry of queue.entries) entry.settle(failed(failure))
      throw failure
    }
  }

  /** Ends a move: takes all of the stream's records, shard by shard in their order. */
  const takeMoved = (stream: string, move: Move): ShardQueue[] => {
    const queues = [...move.refused]
    for (const lane of lanes)
      for (const [id, queue] of lane.queues)
        if (queue.stream === stream) {
          lane.queues.delete(id)
          queues.push(queue)
        }
    moves.delete(stream)
    return queues
  }

  const accept = async (name: string, records: readonly NewRecord[]): Promise<PutResult[]> => {
    if (stopped) throw new MillraceError('aborted', 'the producer was stopped')
    const route = await routeOf(name)
    const results: PutResult[] = new Array(records.length)
    let open = records.length
    if (open === 0) return results
    return new Promise((resolve) => {
      for (const [index, record] of records.entries()) {
        const key = encodeKey(record.partitionKey)
        const bytes = record.data.length + key.utf8.length
        const settle = (result: PutResult) => {
          bufferedBytes -= bytes
          results[index] = result
          open -= 1
          if (open === 0) resolve(results)
        }
        const problem =
          recordProblem(record, key.utf8.length, route.maxRecordBytes) ??
          (bufferedBytes + bytes > maxBufferedBytes ? bufferFull(maxBufferedBytes) : null)
        bufferedBytes += bytes
        if (problem) settle(failed(problem))
        else
          enqueue(name, route, {
            hashKey: record.explicitHashKey ?? key.hashKey,
            key: key.utf8,
            data: record.data,
            settle,
          })
      }
    })
  }

  const accepted = new Set<Promise<PutResult[]>>()
  const put = (name: string, records: readonly NewRecord[]): Promise<PutResult[]> => {
    const work = accept(name, records)
    accepted.add(work)
    const forget = () => accepted.delete(work)
    work.then(forget, forget)
    return work
  }

  const stop = async () => {
    stopped = true
    while (accepted.size > 0) await Promise.allSettled(accepted)
    await Promise.all(lanes.map((lane) => lane.running))
    await waker.stop()
  }

  return { put, stop, [Symbol.asyncDispose]: stop }
}

interface Route {
  open: Shard[]
  maxRecordBytes: number
}

function toRoute(stream: Stream): Route {
  const open = stream.shards.filter((shard) => shard.state === 'open')
  if (open.length === 0)
    throw new MillraceError('not_found', `stream "${stream.name}" is being deleted`, {
      details: { stream: stream.name },
    })
  open.sort((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
  return { open, maxRecordBytes: stream.maxRecordBytes }
}

function closedTooOften(stream: string): MillraceError {
  return new MillraceError('conflict', `the shards of "${stream}" close too fast`, {
    retryable: true,
  })
}

function bufferFull(limit: number): MillraceError {
  return new MillraceError(
    'throughput_exceeded',
    `${limit} bytes wait to be stored already; send this record again in a moment`,
    { retryable: true, details: { limit } },
  )
}

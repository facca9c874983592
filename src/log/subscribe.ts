import type { Pool } from 'pg'
import { backoffMs, wait } from '../base/backoff.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { admitRead } from './admit-read.ts'
import { describeStream, type Stream } from './describe-stream.ts'
import type { ChildShard } from './find-children.ts'
import { describeConsumer } from './list-consumers.ts'
import { readEnd } from './read-end.ts'
import { type LineageShard, readLineage } from './read-lineage.ts'
import { type LogRecord, readRecords } from './read-records.ts'
import { timeOfSequence } from './sequence.ts'
import { startableShards } from './startable-shards.ts'
import { type StartingPosition, startingPoints } from './starting-points.ts'
import { startWakeHub, type WakeHub } from './wake-hub.ts'

/*
 * Following a stream, or a shard, across reshards.
 *
 * Guarantees. Every record from the starting position on comes once, those of a shard in order, and a child's only after
 * the last of all its parents that are followed: so a key's records keep their order across splits and merges. What is
 * delivered is committed.
 *
 *   a shard: ready -> read -> records: yielded, ready again
 *                          -> none:    quiet until it is woken, or `pollMs` is over
 *                          -> none, closed: ended; what continues it starts when all that comes before that has ended
 *
 * A wake-up marks a shard ready before, while or after it is read, so that none falls between a read and a wait; and
 * whatever is lost, the poll finds. The truth is the database's; this keeps positions only, and yields them, first of all
 * those at which the shards begin: a consumer that stores the `continuation` of each batch with its effects resumes after a
 * crash where it was, also in shards that had no record yet. Memory: one batch; a slow consumer slows
 * reading and nothing else.
 */

export interface SubscribeInput {
  stream: string
  /** One shard, and what it becomes. Default: the whole stream. */
  shard?: number
  startingPosition: StartingPosition
  /** A registered consumer, whose reads are not held to the shared limits that the stream has when this begins. */
  consumer?: string
}

export interface SubscribeOptions {
  signal?: AbortSignal
  /** How long a shard is quiet before it is looked at without having been woken. Default 1,000 ms. */
  pollMs?: number
  /** Records of one batch, and bytes. Default 10,000 and 4 MiB. */
  maxRecords?: number
  maxBytes?: number
}

/** Records of one shard, or where it begins (none, before the first), or the news that it has ended (none, and children). */
export interface ShardBatch {
  shard: number
  records: LogRecord[]
  /** Where this shard goes on: what `POSITIONS` takes. Null at the end of a closed shard. */
  continuation: bigint | null
  /** 0 at the tip; else how long ago the last of the records arrived. */
  millisBehindLatest: number
  /** At its end: the shards that continue it. */
  childShards: ChildShard[]
}

interface Follower {
  id: number
  number: number
  next: bigint
}

/**
 * Follows a stream until `signal` aborts or the stream is deleted; an outage of the database is waited out once it has
 * begun. Before that it fails with `not_found`, `invalid_argument`, or whatever the database fails with. Without
 * `deps.wakes` it listens with a connection of its own: share a hub where many subscribe in one process.
 */
export async function* subscribe(
  deps: { pool: Pool; logger: Logger; wakes?: WakeHub },
  input: SubscribeInput,
  options: SubscribeOptions = {},
): AsyncGenerator<ShardBatch, void, undefined> {
  const { pollMs = 1_000, signal } = options
  const stream = await describeStream(deps, input.stream)
  if (input.consumer !== undefined)
    await describeConsumer(deps, { stream: input.stream, consumer: input.consumer })
  const points = await startingPoints(deps, stream, input).catch((error: unknown) => {
    throw toMillraceError(error, `following stream "${input.stream}"`)
  })
  const lineage = await readLineage(deps, stream)
  const isLimited = stream.limitReads && input.consumer === undefined
  const followers = new Map<number, Follower>(points.active.map((point) => [point.id, point]))
  const ended = new Map<number, bigint>(points.ended.map((number) => [number, 0n]))
  const ready = new Set(followers.keys())
  let failures = 0

  // Listening begins before the first read, so nothing falls between the two.
  const own = deps.wakes ? undefined : await startOwnHub(deps)
  let wake: (() => void) | undefined
  const unsubscribe = (deps.wakes ?? own)?.subscribe((shardIds) => {
    for (const id of shardIds)
      if (followers.has(id)) {
        ready.add(id)
        wake?.()
      }
  })
  /** Waits, until a shard is woken or `signal` aborts at most. */
  const rest = async (ms: number) => {
    const resting = new AbortController()
    const stop = () => resting.abort()
    wake = stop
    signal?.addEventListener('abort', stop, { once: true })
    if (!signal?.aborted) await wait(Math.max(0, ms), resting.signal)
    signal?.removeEventListener('abort', stop)
    wake = undefined
  }

  /** Starts the shards of which everything that comes before them has ended. */
  const startChildren = (shards: readonly LineageShard[]) => {
    const active = new Set(Array.from(followers.values(), ({ number }) => number))
    for (const follower of startableShards(shards, { active, ended })) {
      followers.set(follower.id, follower)
      ready.add(follower.id)
    }
  }

  try {
    if (input.startingPosition.type !== 'POSITIONS')
      for (const follower of points.active) {
        if (signal?.aborted) return
        yield await announce(deps, stream, follower).catch((error: unknown) => {
          throw toMillraceError(error, `following stream "${input.stream}"`)
        })
      }
    startChildren(lineage)
    let nextPoll = performance.now() + pollMs
    while (!signal?.aborted && followers.size > 0) {
      // Also while other shards keep it busy: a quiet one may have records of which nobody told.
      if (performance.now() >= nextPoll) {
        for (const id of followers.keys()) ready.add(id)
        nextPoll = performance.now() + pollMs
      }
      const id = first(ready)
      if (id === undefined) {
        await rest(nextPoll - performance.now())
        continue
      }
      ready.delete(id)
      const follower = followers.get(id)
      if (!follower) continue
      let batch: ReadBatch | 'quiet' | 'refused'
      try {
        batch = await readOn(deps, stream, follower, { ...options, isLimited })
        failures = 0
      } catch (error) {
        const failure = toMillraceError(error, `following stream "${input.stream}"`)
        if (failure.code === 'not_found') return
        if (!failure.retryable) throw failure
        failures += 1
        deps.logger.warn({ code: failure.code, error: failure.message }, 'subscription.waiting')
        ready.add(id)
        await wait(backoffMs(failures), signal)
        continue
      }
      if (batch === 'refused') {
        // Shared reads are limited: others, or we, have read enough for now.
        ready.add(id)
        await wait(100, signal)
      } else if (batch !== 'quiet') {
        if (batch.continuation === null) {
          followers.delete(id)
          ended.set(follower.number, follower.next)
          startChildren(batch.shards)
        } else {
          follower.next = batch.continuation
          ready.add(id)
        }
        const { shards: _, ...news } = batch
        yield news
      }
    }
  } finally {
    unsubscribe?.()
    await own?.stop()
  }
}

const first = (ids: ReadonlySet<number>): number | undefined => ids.values().next().value

async function startOwnHub(deps: { pool: Pool; logger: Logger }): Promise<WakeHub | undefined> {
  return startWakeHub(deps).catch((error: unknown) => {
    deps.logger.warn({ error: messageOf(error) }, 'subscription.only_polls')
    return undefined
  })
}

/** Where following a shard begins, before anything of it was read. */
async function announce(
  deps: { pool: Pool },
  stream: Stream,
  { id, number, next }: Follower,
): Promise<ShardBatch> {
  const end = await readEnd(deps, id)
  const created = stream.shards.find((shard) => shard.id === id)?.createdSeq ?? 0n
  const from = [next, created, stream.horizonSeq].reduce((a, b) => (a > b ? a : b))
  const isBehind = end.newest !== null && end.newest >= from
  const millisBehindLatest = isBehind ? Math.max(0, end.nowMs - timeOfSequence(from).getTime()) : 0
  return { shard: number, records: [], continuation: next, millisBehindLatest, childShards: [] }
}

/** A batch, with the stream's shards when it is the news of an end. */
type ReadBatch = ShardBatch & { shards: readonly LineageShard[] }

/** Reads one batch of a shard. Fails with `not_found` when the stream was deleted. */
async function readOn(
  deps: { pool: Pool },
  stream: Stream,
  follower: Follower,
  options: SubscribeOptions & { isLimited: boolean },
): Promise<ReadBatch | 'quiet' | 'refused'> {
  const admission = options.isLimited ? await admitRead(deps, follower.id) : undefined
  if (admission?.admitted === false) return 'refused'
  const { records, next, closed } = await readRecords(deps, {
    shardId: follower.id,
    from: follower.next,
    maxRecords: options.maxRecords ?? 10_000,
    maxBytes: options.maxBytes ?? 4 * 1024 * 1024,
  })
  await admission?.note(records)
  const { number: shard } = follower
  const last = records.at(-1)
  if (!last && !closed) return 'quiet'
  if (!last) {
    // After the shard was seen closed, so its children are among them: closing and opening are one transaction.
    const shards = await readLineage(deps, stream)
    const childShards = shards
      .filter((child) => child.parents.includes(shard))
      .map(({ isKept: _, ...child }) => child)
    return { shard, records, continuation: null, millisBehindLatest: 0, childShards, shards }
  }
  const end = await readEnd(deps, follower.id)
  const isBehind = end.newest !== null && end.newest >= next
  const millisBehindLatest = isBehind ? Math.max(0, end.nowMs - last.arrivedAt.getTime()) : 0
  return { shard, records, continuation: next, millisBehindLatest, childShards: [], shards: [] }
}

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Pool } from 'pg'
import { wait } from '../base/backoff.ts'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { notifyShards } from '../log/wake.ts'
import { startWakeHub } from '../log/wake-hub.ts'
import type { OpenPipeline } from './batch/open-pipeline.ts'
import { runShard } from './batch/run-shard.ts'
import type { Pipeline } from './define-pipeline.ts'
import { ensureCheckpoints } from './scheduling/checkpoint.ts'
import { findWork } from './scheduling/find-work.ts'
import { startJobRunner } from './scheduling/job-runner.ts'
import { createPipelineSet } from './scheduling/pipeline-set.ts'
import { redriveLetters } from './scheduling/redrive-letters.ts'
import { defaultEventRetention, type EventRetention } from './scheduling/retire-knowledge.ts'
import { fairShare, type Roster, signIn, signOut } from './scheduling/roster.ts'
import {
  addShardJobs,
  jobKeyOf,
  removeShardJob,
  type ShardJob,
  shardTaskOf,
} from './scheduling/shard-jobs.ts'
import { createShardSignals } from './scheduling/shard-signals.ts'
import { type Run, shouldYield } from './scheduling/should-yield.ts'
import { createSingleFlight } from './scheduling/single-flight.ts'
import { startUpkeep } from './scheduling/upkeep.ts'
import type { Resources } from './step.ts'

/*
 * One process' worker: it runs pipelines over the shards that no other worker holds.
 *
 * graphile-worker wakes it and spreads the jobs over processes; it is not the lease (a dead worker's job stays locked for
 * four hours). A job that finds the lease taken ends at once.
 *
 * What makes a job: `dispatch` looks for shards with unread records and no owner, on every notification of an append
 * and every `pollMs` whether or not one came (notifications are hints, the poll is the truth). A running job waits
 * `lingerMs` at the end of its shard for more, unless other jobs need its place.
 *
 * Spreading: every `pollMs` a worker signs the roster and sees who else is alive. Who works its even share of a
 * pipeline's shards passes further jobs on (a few times, so that a job nobody takes is worked all the same), and who
 * works more than that gives a shard back at the next batch. So does, after `turnMs`, a shard that always has more, while
 * others wait for a place: one of a dead worker waits for its lease and a turn, and not for the end of a backlog.
 *
 * A batch whose steps keep the process from anything else for longer than a lease is taken over and lost, by each worker in
 * turn. So the next one of a shard that was lost is half as large, until one is committed.
 *
 * A stop finishes the batches in flight, for `graceMs` at most, gives the leases back and tells the others. A crash leaves
 * leases that expire in 5 s and jobs that the next dispatch replaces; nothing is lost or done twice.
 */

export interface WorkerOptions {
  pipelines: readonly Pipeline[]
  /** Shards worked at the same time. Default 4. */
  concurrency?: number
  /** How often shards are looked at without a notification. Default 1,000 ms. */
  pollMs?: number
  /** How long a job waits for more at its shard's end. Default 1,000 ms. */
  lingerMs?: number
  /** How long the lease outlives a dead owner. Default 5,000 ms. */
  leaseMs?: number
  /** How long a shard that has more keeps its place while others wait for one. Default 2,000 ms. */
  turnMs?: number
  /** How long a stop waits for batches in flight before it ends them. Default 10,000 ms. */
  graceMs?: number
  /** How long events are kept after their arrival, in hours, or `never` to retire them. Default 720: 30 days. */
  eventRetentionHours?: EventRetention
  /** Called every minute beside the log's own upkeep. */
  upkeep?: () => Promise<void>
}

export interface Worker {
  /** How the leases and the roster name it. */
  readonly id: string
  /** Names of the definitions that it runs. */
  readonly pipelines: readonly string[]
  /** Definitions that were not taken, each with the reason; the others run. */
  readonly refused: readonly { name: string; error: MillraceError }[]
  /** Finishes the batches in flight, gives the leases back and stops; idempotent. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** So often a job is passed on by workers that have their share, before whoever has it works it. */
const mostDeclines = 5
const declineMs = 20

/** Of the largest batch a record is left. */
const mostHalvings = 17

/** Jobs that wait for each place that all workers have: enough until the next look, however many shards wait. */
const jobsPerPlace = 8
/** As many as a job's priority tells apart (smallint). */
const mostJobs = 2 ** 15

/** So often a notification that some run heard makes a look for those that did not. */
const guessMs = 200

/** How long a stop waits for what is not a batch. */
const lastMs = 5_000

/** Starts working. Resolves when jobs are being taken. Fails when a definition is impossible or the database is away. */
export async function startWorker(
  deps: { pool: Pool; logger: Logger; embedding?: Resources['embedding'] },
  options: WorkerOptions,
): Promise<Worker> {
  const { logger } = deps
  const {
    concurrency = 4,
    pollMs = 1_000,
    lingerMs = 1_000,
    leaseMs = 5_000,
    turnMs = 2_000,
  } = options
  requireConnections(deps, concurrency)
  const id = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  const set = await createPipelineSet(
    { ...deps, embedding: deps.embedding ?? noEmbedding },
    options.pipelines,
  )
  const stopping = new AbortController()
  const aborting = new AbortController()
  const signals = createShardSignals()
  const active = new Map<Promise<void>, Run>()
  const givenBack: number[] = []
  /** How often in a row a shard's lease was lost, by job key. */
  const losses = new Map<string, number>()
  let roster: Roster = { workers: [], pipelines: [] }
  let waiting = new Map<string, number>()
  let lastGuess = 0

  const activeOf = (name: string) => [...active.values()].filter((run) => run.name === name).length
  /** Shards of a pipeline that this worker works at the same time, by the pipeline's own limit. */
  const limitOf = (name: string) => set.running().get(name)?.open.options.concurrency ?? concurrency
  const others = (name: string) =>
    roster.workers.filter((worker) => worker.id !== id && worker.pipelines.includes(name))
  const shareOf = (name: string) => {
    const able = others(name)
    if (able.length === 0) return concurrency
    const held = roster.pipelines.find((pipeline) => pipeline.name === name)?.held ?? 0
    const total = held + (waiting.get(name) ?? 0)
    return fairShare({ concurrency }, [...able, { concurrency }], total)
  }

  const work = async (job: ShardJob): Promise<void> => {
    const { pipeline: name, shardId, declined = 0 } = job
    const { open: pipeline, revision } = set.running().get(name) ?? {}
    if (stopping.signal.aborted) return
    const mine = activeOf(name)
    const isFull = mine >= limitOf(name)
    const hasShare = mine >= shareOf(name) && declined < mostDeclines
    if (!pipeline || revision === undefined || isFull || hasShare) {
      // One that cannot take it has nobody to pass it on to, or has passed it on often enough: the next look finds it.
      if (others(name).length === 0 || declined >= 2 * mostDeclines) return
      await wait(declineMs, stopping.signal)
      return addShardJobs(deps, [{ ...job, declined: declined + 1 }])
    }
    const run: Run = {
      name,
      began: performance.now(),
      // What everybody has passed on is worked here.
      isLeft: declined >= mostDeclines,
      isYielding: false,
    }
    const running = runOnce(pipeline, revision, job, run)
    active.set(running, run)
    try {
      await running
    } catch (error) {
      // Whatever this was, the checkpoint has not moved: the next dispatch finds the shard again.
      const { message } = toMillraceError(error, 'working a shard')
      logger.warn({ pipeline: name, shardId, error: message }, 'shard.failed')
    } finally {
      active.delete(running)
      // Its place is free for a shard that this pipeline's own limit kept waiting.
      if (limitOf(name) < concurrency) dispatch.request()
    }
  }

  const runOnce = async (
    pipeline: OpenPipeline,
    revision: number,
    job: ShardJob,
    run: Run,
  ): Promise<void> => {
    const { pipeline: name, shardId } = job
    const isWanted = () => active.size >= concurrency || activeOf(name) >= limitOf(name)
    const result = await runShard(
      deps,
      pipeline,
      { pipeline: name, shardId },
      {
        owner: `${id}:${randomUUID().slice(0, 8)}`,
        revision,
        leaseMs,
        halvings: losses.get(jobKeyOf(job)) ?? 0,
        lingerMs,
        waitForMore: async (ms, signal) => {
          if (isWanted()) return 'leave'
          if (await signals.wait(shardId, ms, signal)) return 'more'
          return isWanted() || signal.aborted ? 'leave' : 'timeout'
        },
        shouldYield: () => {
          if (!set.running().has(name)) return true
          const [runs, now] = [active.values(), performance.now()]
          return shouldYield(run, { runs, waiting, concurrency, limitOf, shareOf, now, turnMs })
        },
        signal: stopping.signal,
        abort: aborting.signal,
      },
    )
    if (result.records > 0) losses.delete(jobKeyOf(job))
    else if (result.end === 'lost')
      losses.set(jobKeyOf(job), Math.min((losses.get(jobKeyOf(job)) ?? 0) + 1, mostHalvings))
    if (result.records > 0) logger.debug({ pipeline: name, shardId, ...result }, 'shard.worked')
    if (stopping.signal.aborted) givenBack.push(shardId)
    // When what waits is due, and not at the next look.
    if (result.retryMs !== undefined)
      void wait(result.retryMs, stopping.signal).then(() => dispatch.request())
    // A look that saw the shard free just before this run took it has added a job that would come before those that wait.
    if (run.isYielding) await removeShardJob(deps, job)
    // More to do, here or in its children, or news of it that came while the lease was being given back.
    if (result.end === 'more' || result.end === 'ended' || signals.isMissed(shardId))
      dispatch.request()
  }

  const dispatch = createSingleFlight(
    async () => {
      const running = set.running()
      for (const { open } of running.values())
        await ensureCheckpoints(deps, { name: open.name, streams: open.options.streams })
      const found = await findWork(deps, [...running.keys()])
      waiting = new Map()
      for (const { pipeline } of found) waiting.set(pipeline, (waiting.get(pipeline) ?? 0) + 1)
      const places = roster.workers.reduce((sum, worker) => sum + worker.concurrency, 0)
      const jobs = found
        .slice(0, Math.min(jobsPerPlace * places, mostJobs))
        .flatMap((key, turn) => {
          const source = running.get(key.pipeline)?.source
          return source === undefined ? [] : [{ ...key, source, turn }]
        })
      await addShardJobs(deps, jobs)
    },
    { logger, name: 'dispatch', signal: stopping.signal },
  )

  const look = async () => {
    const self = { id, pipelines: set.able(), concurrency }
    roster = await signIn(deps, self, { names: set.names, leaseMs })
    await set.update(roster)
  }

  const redrive = createSingleFlight(
    async () => {
      for (const { open, revision } of set.running().values())
        await redriveLetters(deps, open, { signal: stopping.signal, revision })
    },
    { logger, name: 'redrive', signal: stopping.signal },
  )

  await look().catch((error: unknown) => {
    throw toMillraceError(error, 'starting a worker')
  })
  const upkeep = startUpkeep(deps, {
    retention: options.eventRetentionHours ?? defaultEventRetention,
    also: options.upkeep,
    signal: stopping.signal,
  })
  const workJob = (payload: unknown) => work(payload as ShardJob)
  const runner = await startJobRunner(deps, {
    taskList: Object.fromEntries(set.names.map((name) => [shardTaskOf(name), workJob])),
    concurrency,
    pollMs,
    signal: stopping.signal,
  })
  const wakes = await startWakeHub(deps).catch(async (error: unknown) => {
    stopping.abort()
    await runner.ended
    throw error
  })
  wakes.subscribe((shardIds) => {
    const heard = shardIds.map((shardId) => signals.notify(shardId))
    const now = performance.now()
    // Each pipeline has a run of its own that may or may not wait; whether one is missing only a look can tell, which
    // every notification of a busy stream need not cost.
    const isMissed = heard.includes(0)
    const mayMiss = heard.some((runs) => runs < set.running().size) && now > lastGuess + guessMs
    if (!isMissed && !mayMiss) return
    lastGuess = now
    dispatch.request()
  })
  const polling = (async () => {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => {
        logger.warn({ error: toMillraceError(error, 'looking for work').message }, 'look.failed')
      })
      dispatch.request()
      redrive.request()
      upkeep.request()
      await wait(pollMs, stopping.signal)
    }
  })()

  const end = async () => {
    stopping.abort()
    const grace = setTimeout(() => aborting.abort(), options.graceMs ?? 10_000)
    await Promise.allSettled([...active.keys()])
    clearTimeout(grace)
    await Promise.all([polling, wakes.stop(), runner.ended])
    // An upkeep or a redrive that hangs is left: what they do is a transaction, or can be done again.
    const rest = Promise.all([dispatch, redrive, upkeep].map((work) => work.settled()))
    await Promise.race([rest, wait(lastMs)])
    await Promise.allSettled([signOut(deps, id), notifyShards(deps, givenBack)])
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= end()
    return stopped
  }
  return { id, pipelines: set.names, refused: set.refused, stop, [Symbol.asyncDispose]: stop }
}

/** Two listen, and while one works another has to renew its lease. Beyond that shards share what there is. */
const fewestConnections = 4

function requireConnections(deps: { pool: Pool; logger: Logger }, concurrency: number): void {
  const { max } = deps.pool.options
  if (max < fewestConnections)
    throw new MillraceError(
      'invalid_argument',
      `expected a pool of at least ${fewestConnections} connections, better ${concurrency + 8}, got one of ${max}: a worker listens on two of them`,
    )
  if (max < concurrency + fewestConnections)
    deps.logger.warn(
      { connections: max, concurrency },
      'pool.small: leases may be lost for want of one',
    )
}

const noEmbedding = async () => {
  throw new MillraceError(
    'invalid_argument',
    'a step needs an embedder and the worker has none; start it with { embedding }',
  )
}

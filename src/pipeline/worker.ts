import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { Logger as GraphileLogger, type Runner, run, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import { aborted } from '../base/aborted.ts'
import { backoffMs, wait } from '../base/backoff.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { retireSegments } from '../log/retire-segments.ts'
import { startWakeHub } from '../log/wake-hub.ts'
import { ensureCheckpoints } from './checkpoint.ts'
import { findWork } from './find-work.ts'
import type { Pipeline } from './pipeline.ts'
import { runShard } from './run-shard.ts'
import { createShardSignals } from './shard-signals.ts'
import { tend } from './tend.ts'

/*
 * One process' worker: it runs pipelines over the shards that no other worker holds.
 *
 * graphile-worker wakes it, spreads the jobs over processes and keeps the clock; it is not the lease (a dead worker's
 * job stays locked for four hours). One job a (pipeline, shard), by job_key: adding it again changes nothing while it
 * waits, and replaces it when a dead worker holds it. A job that finds the lease taken ends at once.
 *
 * What makes a job: `dispatch` looks for shards with unread records and no owner, on every notification of an append
 * and every `pollMs` whether or not one came (notifications are hints, the poll is the truth). A running job waits
 * `lingerMs` at the end of its shard for more, unless other jobs need its place.
 *
 * A crash leaves leases that expire in 5 s and jobs that the next dispatch replaces; nothing is lost or done twice.
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
  /** Called every minute beside the log's own upkeep. */
  upkeep?: () => Promise<void>
}

export interface Worker {
  /** Finishes the batches in flight, gives the leases back and stops; idempotent. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** graphile-worker's own tables. */
const schema = 'millrace_worker'
const workTask = 'work-shard'
const tendTask = 'tend'
const retireTask = 'retire'

/** Starts working. Resolves when jobs are being taken. */
export async function startWorker(
  deps: { pool: Pool; logger: Logger },
  options: WorkerOptions,
): Promise<Worker> {
  const { pool, logger } = deps
  const { concurrency = 4, pollMs = 1_000, lingerMs = 1_000 } = options
  const owner = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  const pipelines = new Map(options.pipelines.map((pipeline) => [pipeline.name, pipeline]))
  const stopping = new AbortController()
  const signals = createShardSignals()
  let active = 0

  const work = async (payload: unknown): Promise<void> => {
    const { pipeline: name, shardId } = payload as { pipeline: string; shardId: number }
    const pipeline = pipelines.get(name)
    if (!pipeline || stopping.signal.aborted) return
    active += 1
    try {
      const result = await runShard(
        deps,
        pipeline,
        { pipeline: name, shardId },
        {
          owner: `${owner}:${randomUUID().slice(0, 8)}`,
          ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
          waitForMore: async (id, signal) =>
            active < concurrency && (await signals.wait(id, lingerMs, signal)),
          signal: stopping.signal,
        },
      )
      if (result.records > 0) logger.debug({ pipeline: name, shardId, ...result }, 'shard.worked')
      // More to do, or news of it that came while the lease was being given back.
      if (result.end === 'more' || signals.isMissed(shardId)) requestDispatch()
    } catch (error) {
      // Whatever this was, the checkpoint has not moved: the next dispatch finds the shard again.
      logger.warn({ pipeline: name, shardId, error: messageOf(error) }, 'shard.failed')
    } finally {
      active -= 1
    }
  }

  const dispatch = async () => {
    for (const pipeline of options.pipelines) await ensureCheckpoints(deps, pipeline)
    const found = await findWork(deps, [...pipelines.keys()])
    if (found.length === 0) return
    await pool.query(
      `select ${schema}.add_jobs(array(
         select json_populate_record(null::${schema}.job_spec, item)
           from json_array_elements($1::json) as item))`,
      [
        JSON.stringify(
          found.map((key) => ({
            identifier: workTask,
            payload: key,
            job_key: `${key.pipeline}:${key.shardId}`,
            max_attempts: 1,
          })),
        ),
      ],
    )
  }

  // At most one dispatch runs; requests that come meanwhile make one more.
  let dispatching: Promise<void> | undefined
  let again = false
  const requestDispatch = () => {
    if (dispatching) {
      again = true
      return
    }
    dispatching = dispatch()
      .catch((error: unknown) => {
        logger.warn({ error: messageOf(error) }, 'dispatch.failed')
      })
      .finally(() => {
        dispatching = undefined
        if (again && !stopping.signal.aborted) {
          again = false
          requestDispatch()
        }
      })
  }

  const upkeep = async () => {
    await tend(deps)
    await options.upkeep?.()
  }

  // Not awaited: whatever is down now (a provider, another creator's lock) must not keep a process from starting.
  const started = upkeep().catch((error: unknown) => {
    logger.warn({ error: messageOf(error) }, 'upkeep.failed')
  })
  const taskList: TaskList = {
    [workTask]: work,
    [tendTask]: upkeep,
    [retireTask]: async () => {
      const retired = await retireSegments(deps)
      if (retired > 0) logger.info({ retired }, 'segments.retired')
    },
  }
  const startRunner = () =>
    run({
      pgPool: pool,
      schema,
      taskList,
      concurrency,
      crontab: `* * * * * ${tendTask} ?max=1\n*/5 * * * * ${retireTask} ?max=1`,
      pollInterval: pollMs,
      noHandleSignals: true,
      logger: toGraphileLogger(logger),
      // Batched completion catches its own errors; the other kind leaves a rejection that ends the process when a
      // connection is lost at that moment.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    })
  const toldToStop = aborted(stopping.signal)
  // The runner gives up when it cannot complete jobs any more; then another takes its place.
  const keepRunning = async (first: Runner) => {
    let runner: Runner | undefined = first
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        runner ??= await startRunner()
        failures = 0
        await Promise.race([runner.promise, toldToStop])
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'runner.restarting')
      }
      if (stopping.signal.aborted) break
      runner = undefined
      failures += 1
      await wait(backoffMs(failures, { baseMs: 500 }), stopping.signal)
    }
    await runner?.stop().catch((error: unknown) => {
      logger.debug({ error: messageOf(error) }, 'runner.stopped_already')
    })
  }

  const running = keepRunning(await startRunner())
  const wakes = await startWakeHub(deps).catch(async (error: unknown) => {
    stopping.abort()
    await running
    throw error
  })
  wakes.subscribe((shardIds) => {
    const unheard = shardIds.filter((id) => !signals.notify(id))
    if (unheard.length > 0) requestDispatch()
  })
  const polling = (async () => {
    while (!stopping.signal.aborted) {
      requestDispatch()
      await wait(pollMs, stopping.signal)
    }
  })()

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort()
      await Promise.all([polling, wakes.stop(), running, started])
      await dispatching
    })()
    return stopped
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

/** graphile-worker's log lines, in ours; its chatter is debug. */
function toGraphileLogger(logger: Logger): GraphileLogger {
  return new GraphileLogger(() => (level, message) => {
    if (level === 'error') logger.error({ message }, 'graphile.error')
    else if (level === 'warning') logger.warn({ message }, 'graphile.warning')
    else logger.debug({ message }, 'graphile.info')
  })
}

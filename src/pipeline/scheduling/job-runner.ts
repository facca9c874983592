import { Logger as GraphileLogger, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import type { Pool } from 'pg'
import { aborted } from '../../base/aborted.ts'
import { backoffMs, wait } from '../../base/backoff.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { createListenerPool } from './listener-pool.ts'
import { jobSchema } from './shard-jobs.ts'

/**
 * Runs graphile-worker until `signal` aborts. It gives up when it cannot complete jobs any more, as while the database
 * is away, and it may not find jobs any more after that; then another takes its place. Resolves to a promise of its end
 * once jobs are being taken.
 */
export async function startJobRunner(
  deps: { pool: Pool; logger: Logger },
  options: {
    taskList: TaskList
    concurrency: number
    pollMs: number
    signal: AbortSignal
  },
): Promise<{ ended: Promise<void> }> {
  const { logger } = deps
  const { signal } = options
  const start = async () => {
    const listening = createListenerPool(deps.pool)
    const runner = await run({
      pgPool: listening.pool,
      schema: jobSchema,
      taskList: options.taskList,
      concurrency: options.concurrency,
      // Its cron goes by the clocks of processes: one that was ahead, and is gone, would keep it silent for as long.
      parsedCronItems: [],
      pollInterval: options.pollMs,
      noHandleSignals: true,
      logger: toGraphileLogger(logger),
      // Batched completion catches its own errors; the other kind leaves a rejection that ends the process when a
      // connection is lost at that moment.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    })
    // Its batchers miscount when two completions fail at once (0.18.0, `batch`), and then it never ends, neither by itself
    // nor when it is told to. So it is left as soon as it takes no more jobs.
    const leaves = new Promise<void>((resolve) => {
      runner.events.once('pool:gracefulShutdown', () => resolve())
    })
    const leave = async () => {
      const stopped = runner.stop().catch((error: unknown) => {
        logger.debug({ error: messageOf(error) }, 'runner.stopped_already')
      })
      await Promise.race([stopped, wait(endMs)])
      listening.release()
    }
    runner.promise.catch(() => undefined)
    const fails = failsToLook(runner.events, 2 * options.pollMs)
    return { leaves: Promise.race([runner.promise, leaves, fails]), leave }
  }
  const toldToStop = aborted(signal)
  const keepRunning = async (first: Awaited<ReturnType<typeof start>>) => {
    let runner: typeof first | undefined = first
    const left: Promise<void>[] = []
    for (let failures = 0; !signal.aborted; ) {
      try {
        runner ??= await start()
        failures = 0
        await Promise.race([runner.leaves, toldToStop])
        if (!signal.aborted) logger.warn({ error: 'it takes no more jobs' }, 'runner.restarting')
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'runner.restarting')
      }
      if (runner) left.push(runner.leave())
      runner = undefined
      if (signal.aborted) break
      failures += 1
      await wait(backoffMs(failures, { baseMs: 500 }), signal)
    }
    await Promise.all(left)
  }
  return { ended: keepRunning(await start()) }
}

/** How long a runner may take to end. */
const endMs = 2_000

/**
 * Resolves when all looks for a job have failed for `ms`. A runner keeps what asking for its tasks' ids came to (0.18.0,
 * `getTaskDetails`), an error too: one whose connection was lost just then looks every second, and never finds a job.
 */
function failsToLook(events: WorkerEvents, ms: number): Promise<void> {
  return new Promise((resolve) => {
    let failingSince: number | undefined
    events.on('worker:getJob:error', () => {
      failingSince ??= performance.now()
      if (performance.now() - failingSince >= ms) resolve()
    })
    const succeeds = () => {
      failingSince = undefined
    }
    events.on('worker:getJob:empty', succeeds)
    events.on('job:start', succeeds)
  })
}

/** graphile-worker's log lines, in ours; its chatter is debug. */
function toGraphileLogger(logger: Logger): GraphileLogger {
  return new GraphileLogger(() => (level, message) => {
    if (level === 'error') logger.error({ message }, 'graphile.error')
    else if (level === 'warning') logger.warn({ message }, 'graphile.warning')
    else logger.debug({ message }, 'graphile.info')
  })
}

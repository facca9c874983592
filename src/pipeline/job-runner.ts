import { Logger as GraphileLogger, type Runner, run, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import { aborted } from '../base/aborted.ts'
import { backoffMs, wait } from '../base/backoff.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { jobSchema } from './shard-jobs.ts'

/**
 * Runs graphile-worker until `signal` aborts. It gives up when it cannot complete jobs any more, as while the database
 * is away; then another takes its place. Resolves to a promise of its end once jobs are being taken.
 */
export async function startJobRunner(
  deps: { pool: Pool; logger: Logger },
  options: {
    taskList: TaskList
    crontab: string
    concurrency: number
    pollMs: number
    signal: AbortSignal
  },
): Promise<{ ended: Promise<void> }> {
  const { logger } = deps
  const { signal } = options
  const start = () =>
    run({
      pgPool: deps.pool,
      schema: jobSchema,
      taskList: options.taskList,
      concurrency: options.concurrency,
      crontab: options.crontab,
      pollInterval: options.pollMs,
      noHandleSignals: true,
      logger: toGraphileLogger(logger),
      // Batched completion catches its own errors; the other kind leaves a rejection that ends the process when a
      // connection is lost at that moment.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    })
  const toldToStop = aborted(signal)
  const keepRunning = async (first: Runner) => {
    let runner: Runner | undefined = first
    for (let failures = 0; !signal.aborted; ) {
      try {
        runner ??= await start()
        failures = 0
        await Promise.race([runner.promise, toldToStop])
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'runner.restarting')
      }
      if (signal.aborted) break
      runner = undefined
      failures += 1
      await wait(backoffMs(failures, { baseMs: 500 }), signal)
    }
    await runner?.stop().catch((error: unknown) => {
      logger.debug({ error: messageOf(error) }, 'runner.stopped_already')
    })
  }
  return { ended: keepRunning(await start()) }
}

/** graphile-worker's log lines, in ours; its chatter is debug. */
function toGraphileLogger(logger: Logger): GraphileLogger {
  return new GraphileLogger(() => (level, message) => {
    if (level === 'error') logger.error({ message }, 'graphile.error')
    else if (level === 'warning') logger.warn({ message }, 'graphile.warning')
    else logger.debug({ message }, 'graphile.info')
  })
}

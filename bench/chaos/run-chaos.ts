import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { createLogger } from '../../src/base/logger.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { startAppender } from './appender.ts'
import { carryOut, type FaultCounts } from './carry-out.ts'
import { countBeforeRedrive, countRun, ledgersOf, type RunCount } from './count-run.ts'
import { startEmbeddingServer } from './embedding-server.ts'
import { createLedgerTables } from './ledger-tables.ts'
import { type ChaosOptions, faultsMs } from './options.ts'
import { copyStream, stream, streamOf } from './pipelines.ts'
import { planFaults } from './plan-faults.ts'
import { startPostgresProxy } from './postgres-proxy.ts'
import { findPostgresServer } from './postgres-server.ts'
import { redriveMended } from './redrive.ts'
import type { Progress } from './track-progress.ts'
import { watchCheckpoints } from './watch-checkpoints.ts'
import { startWorkerFleet } from './worker-fleet.ts'

/** What a run did and what it found. */
export interface ChaosResult {
  count: RunCount
  faults: FaultCounts
  progress: Progress
  /** What workers and pipelines did that they may not. */
  problems: readonly string[]
  failedStarts: number
  longestStartMs: number
  /** From the last fault's end until nothing was left to do; null when that did not come in time. */
  catchUpMs: number | null
  /** What was left then, by pipeline. */
  behind: Record<string, number>
  seconds: number
  longestPutMs: number
  workerPeakMib: number
  embeddingAnswers: Record<string, number>
}

/** Catching up may take as long as it goes on; this long without a commit is standing still. */
const standstillMs = 60_000
const catchUpMs = 600_000
const settleMs = 120_000

/**
 * Lets faults happen to workers, their connections, their embedding server and PostgreSQL itself (the one of
 * `databaseUrl`, which is killed and started again) while records are appended and resharded, then waits until all is
 * worked and counts. Whatever happens, all that it started is ended before it returns; the logs stay in `logDir`.
 */
export async function runChaos(
  options: ChaosOptions,
  deps: { databaseUrl: string; logDir: string; note: (text: string) => void; signal: AbortSignal },
): Promise<ChaosResult> {
  const { logDir, note, signal } = deps
  const logger = createLogger({ level: 'fatal' })
  await using cleanup = new AsyncDisposableStack()
  const db = cleanup.use(await openDatabase({ logger }, { databaseUrl: deps.databaseUrl, dir: '' }))
  const { pool } = db
  const server = await findPostgresServer(deps.databaseUrl, join(logDir, 'postgres.log'))
  await createStream({ pool }, { name: stream, shards: 4 })
  await createStream({ pool }, { name: copyStream, shards: 2 })
  await createLedgerTables(pool)
  const embedding = cleanup.use(await startEmbeddingServer())
  const proxy = cleanup.use(await startPostgresProxy(deps.databaseUrl))
  const archiveDir = join(logDir, 'archive')
  const fleet = startWorkerFleet({
    workers: options.workers,
    databaseUrl: proxy.url,
    embeddingUrl: embedding.url,
    archiveDir,
    logDir,
  })
  cleanup.defer(() => fleet.stop())
  await within(settleMs, signal, 'workers that start', () => fleet.ready())
  const appender = startAppender({ pool, logger }, { stream, rate: options.rate })
  cleanup.defer(async () => {
    await appender.stop()
  })
  const watch = watchCheckpoints(deps.databaseUrl)
  cleanup.defer(async () => {
    await watch.stop()
  })

  note(`${options.workers} workers are at work; faults come for ${options.minutes} min`)
  const began = performance.now()
  const plan = planFaults(options.seed, faultsMs(options))
  const complaints: string[] = []
  const complain = (problem: string) => complaints.push(problem)
  const rig = { pool, server, proxy, fleet, embedding, watch, note, complain }
  const faults = await carryOut(rig, plan, signal)
  const rest = began + options.minutes * 60_000 - performance.now()
  await wait(Math.max(0, rest), signal)
  if (signal.aborted) throw interrupted()

  const appended = await appender.stop()
  const seconds = (performance.now() - began) / 1000
  note('the faults are over, and the appender has stopped: the workers catch up')
  const caughtUp = await catchUp(pool, signal)
  const progress = await watch.stop()
  const isReplayed = faults.replay === 1
  note('all is worked but for the poison, which is mended and redriven')
  const first = await countBeforeRedrive(pool, appended, isReplayed)
  await redriveMended({ pool, fleet }, ledgersOf(isReplayed), signal)
  await fleet.stop()
  return {
    count: await countRun(pool, first, { archiveDir, isReplayed }),
    faults,
    progress,
    problems: [...fleet.problems, ...complaints],
    failedStarts: fleet.failedStarts(),
    longestStartMs: fleet.longestStartMs(),
    ...caughtUp,
    seconds,
    longestPutMs: appended.longestMs,
    workerPeakMib: fleet.peakMib(),
    embeddingAnswers: embedding.counts(),
  }
}

/** Waits until no pipeline has a record before it or a window open, or until none gets any further. */
async function catchUp(
  pool: Pool,
  signal: AbortSignal,
): Promise<Pick<ChaosResult, 'catchUpMs' | 'behind'>> {
  const began = performance.now()
  let moved = { at: began, sum: '' }
  for (;;) {
    const { isDone, sum } = await lookAtCheckpoints(pool)
    const now = performance.now()
    if (isDone) return { catchUpMs: now - began, behind: {} }
    if (sum !== moved.sum) moved = { at: now, sum }
    if (now - moved.at > standstillMs || now - began > catchUpMs || signal.aborted)
      return { catchUpMs: null, behind: await countBehind(pool) }
    await wait(500, signal)
  }
}

/** Whether all is worked, and a sum that changes with each commit. Asked often, so it counts nothing. */
async function lookAtCheckpoints(pool: Pool): Promise<{ isDone: boolean; sum: string }> {
  const { rows } = await pool.query<{ isDone: boolean; sum: string }>(
    `with newest as materialized (
       select sh.id, st.name as stream, millrace.last_seq(sh.id) as seq
         from millrace.shard sh
         join millrace.stream st on st.id = sh.stream_id)
     select coalesce(bool_and(newest.seq is null or coalesce(c.seq, 0) >= newest.seq), true)
              and not exists (select from millrace.window_state) as "isDone",
            coalesce(sum(c.seq), 0)::text as sum
       from unnest($1::text[], $2::text[]) as p (name, stream)
       join millrace.pipeline using (name)
       join newest on newest.stream = p.stream
       left join millrace.checkpoint c on c.shard_id = newest.id and c.pipeline = p.name`,
    [Object.keys(streamOf), Object.values(streamOf)],
  )
  return rows[0] ?? { isDone: false, sum: '' }
}

/** Records not processed yet, by pipeline, and windows that are open. */
async function countBehind(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; behind: number }>(
    `select p.name,
            sum(millrace.records_after(sh.id, coalesce(c.seq, 0)))::float8 as behind
       from unnest($1::text[], $2::text[]) as p (name, stream)
       join millrace.pipeline using (name)
       join millrace.stream st on st.name = p.stream
       join millrace.shard sh on sh.stream_id = st.id
       left join millrace.checkpoint c on c.shard_id = sh.id and c.pipeline = p.name
      group by p.name
      union all
     select 'open windows', count(*)::float8 from millrace.window_state`,
    [Object.keys(streamOf), Object.values(streamOf)],
  )
  return Object.fromEntries(rows.map(({ name, behind }) => [name, behind]))
}

/** Fails when `work` takes longer than `ms`, or the run is interrupted meanwhile. */
async function within(
  ms: number,
  signal: AbortSignal,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  const done = new AbortController()
  const limit = wait(ms, AbortSignal.any([signal, done.signal])).then(() => {
    if (done.signal.aborted) return
    throw signal.aborted ? interrupted() : new Error(`expected ${what} within ${ms} ms`)
  })
  limit.catch(() => undefined)
  await Promise.race([work(), limit])
  done.abort()
}

function interrupted(): Error {
  return new Error('the run was interrupted')
}

/** A folder for the logs of a run, which `remove` takes away when nobody needs them. */
export async function createLogDir(seed: number) {
  const path = await mkdtemp(join(tmpdir(), `millrace-chaos-${seed}-`))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import type { EmbeddingServer } from './embedding-server.ts'
import { pauseForAWhile, persist, startReplay } from './operate.ts'
import { copyStream, stream } from './pipelines.ts'
import type { Fault } from './plan-faults.ts'
import type { PostgresProxy } from './postgres-proxy.ts'
import type { PostgresServer } from './postgres-server.ts'
import { reshard } from './reshard.ts'
import type { CheckpointWatch } from './watch-checkpoints.ts'
import { applicationOf, type WorkerFleet, type WorkerPlace } from './worker-fleet.ts'

export interface ChaosRig {
  pool: Pool
  server: PostgresServer
  /** Between the workers and the server. */
  proxy: PostgresProxy
  fleet: WorkerFleet
  embedding: EmbeddingServer
  watch: CheckpointWatch
  note: (text: string) => void
  /** Takes what the product did that it may not. */
  complain: (problem: string) => void
}

/** How often each kind of fault took place; those that found nothing to hit count as `skipped`. */
export type FaultCounts = Record<string, number>

/** So many batches lose half of their commit, if they come soon after the first. */
const mostCut = 6
const moreCutsMs = 1_000

/** Carries a plan out, each fault at its time whatever the others still do; resolves when all of them are over. */
export async function carryOut(
  rig: ChaosRig,
  plan: readonly Fault[],
  signal: AbortSignal,
): Promise<FaultCounts> {
  const counts: FaultCounts = {}
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const began = performance.now()
  const underWay: Promise<void>[] = []
  // One at a time: a server that is starting is not killed.
  let onServer = Promise.resolve()
  const failures: unknown[] = []
  for (const fault of plan) {
    await wait(Math.max(0, began + fault.atMs - performance.now()), signal)
    if (signal.aborted) break
    const carry = async () => {
      const done = await carryOne(rig, fault, signal)
      count(done)
      rig.note(`${done} (from ${(fault.atMs / 1000).toFixed(0)} s on)`)
    }
    const carried = fault.kind === 'kill server' ? onServer.then(carry) : carry()
    const safe = carried.catch((error: unknown) => {
      failures.push(error)
    })
    if (fault.kind === 'kill server') onServer = safe
    underWay.push(safe)
  }
  await Promise.all(underWay)
  if (failures.length > 0) throw failures[0]
  return counts
}

/** What was done, in words; with `skipped` when there was nothing to do it to. */
async function carryOne(rig: ChaosRig, fault: Fault, signal: AbortSignal): Promise<string> {
  const { fleet, watch, server } = rig
  const onWorker = async (name: string, act: (place: WorkerPlace) => Promise<void>) => {
    const working = await waitFor(signal, async () => fleet.working())
    const place = 'pick' in fault ? working[Math.floor(fault.pick * working.length)] : undefined
    if (!place) return `skipped: ${name}`
    const acting = act(place)
    await Promise.all([acting, name === 'stop worker' ? undefined : watch.hit(name, place.pid)])
    return name
  }
  switch (fault.kind) {
    case 'kill worker':
      return onWorker(fault.kind, (place) => fleet.kill(place, fault.forMs))
    case 'stop worker':
      return onWorker(fault.kind, (place) => fleet.terminate(place, fault.forMs))
    case 'freeze worker':
      return onWorker(fault.kind, (place) => fleet.freeze(place, fault.forMs))
    case 'block worker':
      return onWorker(fault.kind, (place) => fleet.block(place, fault.forMs))
    case 'stall worker':
      return onWorker(fault.kind, async ({ name }) => {
        const application = applicationOf(name)
        rig.proxy.stall(application)
        await wait(fault.forMs, signal)
        rig.proxy.flow(application)
      })
    case 'forget worker':
      return onWorker(fault.kind, async ({ name }) => rig.proxy.forget(applicationOf(name)))
    case 'stall connections':
      rig.proxy.stall()
      await wait(fault.forMs, signal)
      rig.proxy.flow()
      return fault.kind
    case 'lose commits':
    case 'lose answers': {
      rig.proxy.cutCommits(mostCut, fault.kind === 'lose commits' ? 'question' : 'answer')
      const cut = await waitFor(signal, async () => Array(rig.proxy.cutSoFar()).fill(fault.kind))
      await wait(moreCutsMs, signal)
      rig.proxy.spareCommits()
      return cut.length > 0 ? fault.kind : `skipped: ${fault.kind}`
    }
    case 'kill server':
      await server.kill()
      await wait(fault.forMs)
      await server.start()
      return fault.kind
    case 'drop connections': {
      const dropped = await waitFor(signal, () => drop(rig.pool, fault.pick))
      return dropped.length > 0 ? fault.kind : `skipped: ${fault.kind}`
    }
    case 'embedding':
      await rig.embedding.setMode(fault.mode)
      await wait(fault.forMs, signal)
      await rig.embedding.setMode('well')
      return `embedding: ${fault.mode}`
    case 'reshard': {
      const target = fault.target === 'source' ? stream : copyStream
      const done = await persist(signal, () => reshard(rig.pool, target, fault.reshard, fault.pick))
      return done === null ? 'skipped: reshard' : `reshard ${fault.target}: ${done}`
    }
    case 'pause': {
      const problem = await pauseForAWhile(rig.pool, fault, signal)
      if (problem !== null) rig.complain(problem)
      return fault.kind
    }
    case 'replay':
      await startReplay(rig.pool, signal)
      return fault.kind
  }
}

/** What there is, once there is something; nothing when that takes 15 s: all workers may be starting, or the server. */
async function waitFor<T>(
  signal: AbortSignal,
  look: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const until = performance.now() + 15_000
  for (;;) {
    const found = await look()
    if (found.length > 0 || signal.aborted || performance.now() > until) return found
    await wait(100, signal)
  }
}

/** Ends between a third and all of the workers' sessions; returns their process ids. */
async function drop(pool: Pool, pick: number): Promise<number[]> {
  const { rows } = await pool
    .query<{ pid: number }>(
      `select pid
         from (select pid, row_number() over (order by md5(pid::text || $1::text)) as place, count(*) over () as sessions
                 from pg_stat_activity
                where application_name like 'chaos-worker-%') as session
        where place <= ceil(sessions * (1 + 2 * ($1::text)::float8) / 3)
          and pg_terminate_backend(pid)`,
      [String(pick)],
    )
    .catch(() => ({ rows: [] }))
  return rows.map(({ pid }) => pid)
}

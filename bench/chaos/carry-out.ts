import type { Pool } from 'pg'
import { backoffMs, wait } from '../../src/base/backoff.ts'
import { isMillraceError } from '../../src/base/errors.ts'
import { listShards } from '../../src/log/list-shards.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import type { EmbeddingServer } from './embedding-server.ts'
import type { Fault, ReshardKind } from './plan-faults.ts'
import type { PostgresServer } from './postgres-server.ts'
import type { CheckpointWatch } from './watch-checkpoints.ts'
import type { WorkerFleet, WorkerPlace } from './worker-fleet.ts'

export interface ChaosRig {
  pool: Pool
  stream: string
  server: PostgresServer
  fleet: WorkerFleet
  embedding: EmbeddingServer
  watch: CheckpointWatch
  note: (text: string) => void
}

/** How often each kind of fault took place; those that found nothing to hit count as `skipped`. */
export type FaultCounts = Record<string, number>

const mostShards = 8
/** What an outage, or a reshard of the product's own, makes of one of ours. */
const passing = ['resource_in_use', 'conflict', 'database_unavailable'] as const

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
      rig.note(`${(fault.atMs / 1000).toFixed(0).padStart(4)} s  ${done}`)
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
      rig.embedding.setMode(fault.mode)
      await wait(fault.forMs, signal)
      rig.embedding.setMode('well')
      return `embedding: ${fault.mode}`
    case 'reshard':
      return reshard(rig, fault.reshard, fault.pick, signal)
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

async function reshard(
  { pool, stream }: ChaosRig,
  kind: ReshardKind,
  pick: number,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; attempt <= 20 && !signal.aborted; attempt += 1) {
    try {
      return `reshard: ${await reshardOnce(pool, stream, kind, pick)}`
    } catch (error) {
      if (!isMillraceError(error, ...passing)) throw error
      await wait(backoffMs(attempt, { capMs: 1_000 }), signal)
    }
  }
  return 'skipped: reshard'
}

/** A split where there are too many shards is a merge, and a merge where there is one is a split. */
async function reshardOnce(
  pool: Pool,
  stream: string,
  kind: ReshardKind,
  pick: number,
): Promise<ReshardKind> {
  const { shards } = await listShards({ pool }, { stream, filter: { type: 'AT_LATEST' } })
  const ring = shards.toSorted((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
  if (kind === 'scale') {
    // Another count than there is: a scaling to the same one changes nothing.
    const counts = [2, 3, 4, 5, 6].filter((target) => target !== ring.length)
    const targetShardCount = counts[Math.floor(pick * counts.length)] ?? 4
    await updateShardCount({ pool }, { stream, targetShardCount })
    return kind
  }
  const isSplit = ring.length < 2 || (kind === 'split' && ring.length < mostShards)
  const places = isSplit ? ring.length : ring.length - 1
  const at = Math.floor(pick * places)
  const [shard, next] = [ring[at], ring[at + 1]]
  if (isSplit && shard) await splitShard({ pool }, { stream, shard: shard.number })
  else if (shard && next)
    await mergeShards({ pool }, { stream, shard: shard.number, adjacentShard: next.number })
  return isSplit ? 'split' : 'merge'
}

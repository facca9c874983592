import { messageOf } from '../../base/errors.ts'
import type { FreeBytes } from './disk-guard.ts'
import type { Multiplexer, Report } from './multiplexer.ts'
import type { Session } from './session.ts'

/**
 * What PostgreSQL's background processes would do, on timers, between the clients' units:
 * - CHECKPOINT, when enough was written since the last one or some time has gone by; without it pg_wal grew to 1.6 GB.
 * - VACUUM and ANALYZE of the tables that need it by autovacuum's own thresholds, one table at a time. Tables that only
 *   grow are analysed, not vacuumed, until their oldest transaction is so old that it must be.
 * An engine nobody has used since the last look is left alone. A failure is reported and tried again at the next look.
 */
export interface Upkeep {
  /** Waits for what is running. Idempotent. */
  stop(): Promise<void>
}

export interface UpkeepOptions {
  /** How often to look whether a checkpoint is due. Default 2,000 ms. */
  checkpointLookMs: number
  /** A checkpoint at the latest so long after something was written. Default 60,000 ms. */
  checkpointMs: number
  /** A checkpoint once so much was written. Default 256 MiB. */
  checkpointBytes: number
  /** How often to look which tables need VACUUM or ANALYZE. Default 60,000 ms. */
  vacuumMs: number
}

export const defaultUpkeep = {
  checkpointLookMs: 2_000,
  checkpointMs: 60_000,
  checkpointBytes: 256 * 1024 * 1024,
  vacuumMs: 60_000,
} satisfies UpkeepOptions

/** PostgreSQL panics when a checkpoint finds no space. */
const minFreeBytes = 16 * 1024 * 1024

const walPosition = `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`

/**
 * Tables past autovacuum's default thresholds. Dead rows, and an age of an eighth of what PostgreSQL can stand, want
 * VACUUM; changed rows want ANALYZE.
 */
const tablesInNeed = `
with tended as (
  select
    c.oid::regclass::text as name,
    s.n_dead_tup as dead,
    s.n_mod_since_analyze as changed,
    greatest(c.reltuples, 0) as rows,
    age(c.relfrozenxid) as age
  from pg_stat_all_tables s
  join pg_class c on c.oid = s.relid
  where c.relkind in ('r', 'm')
)
select name, is_bloated, is_changed
from tended
cross join lateral (
  select dead > 50 + 0.2 * rows or age > 250000000 as is_bloated, changed > 50 + 0.1 * rows as is_changed
) need
where is_bloated or is_changed
order by dead + changed desc
limit 100`

export function startUpkeep(
  deps: { multiplexer: Multiplexer; freeBytes: FreeBytes; report: Report },
  options: UpkeepOptions,
): Upkeep {
  const { multiplexer, freeBytes, report } = deps
  let isStopped = false
  let running: Promise<void> = Promise.resolve()

  const inTurn = (work: () => Promise<void>) => {
    running = running.then(async () => {
      if (isStopped) return
      await work().catch((error) => report('warn', 'upkeep_failed', { reason: reasonOf(error) }))
    })
  }

  /** Runs `work` every `everyMs`, unless it said that all is done and clients have run nothing since. */
  const whenUsed = (everyMs: number, work: () => Promise<'done' | 'more'>) => {
    let seen = -1
    return setInterval(() => {
      const { unitsRun } = multiplexer
      if (unitsRun === seen) return
      inTurn(async () => {
        if ((await work()) === 'done') seen = unitsRun
      })
    }, everyMs)
  }

  let walAtCheckpoint = 0
  let checkpointedAt = performance.now()
  const readPosition = async (session: Session) =>
    (await session.query<{ bytes: number }>(walPosition))[0]?.bytes ?? 0
  inTurn(async () => {
    walAtCheckpoint = await multiplexer.exclusive(readPosition)
  })

  const checkpoint = async () => {
    if ((await freeBytes()) < minFreeBytes) return 'more'
    return await multiplexer.exclusive(async (session) => {
      const written = (await readPosition(session)) - walAtCheckpoint
      if (written === 0) return 'done'
      const isDue = performance.now() - checkpointedAt >= options.checkpointMs
      if (!isDue && written < options.checkpointBytes) return 'more'
      const started = performance.now()
      await session.query('checkpoint')
      walAtCheckpoint = await readPosition(session)
      checkpointedAt = performance.now()
      report('debug', 'checkpointed', {
        bytes: written,
        ms: Math.round(checkpointedAt - started),
      })
      return 'done'
    })
  }

  const vacuum = async () => {
    const tables = await multiplexer.exclusive(async (session) => {
      await session.query('select pg_stat_force_next_flush()')
      return session.query<{ name: string; is_bloated: boolean; is_changed: boolean }>(tablesInNeed)
    })
    for (const table of tables) {
      if (isStopped) break
      const started = performance.now()
      const command = table.is_bloated ? `vacuum${table.is_changed ? ' (analyze)' : ''}` : 'analyze'
      await multiplexer
        .exclusive((session) => session.query(`${command} ${table.name}`))
        .catch((error) =>
          report('warn', 'upkeep_failed', { table: table.name, reason: reasonOf(error) }),
        )
      const ms = Math.round(performance.now() - started)
      report('debug', 'vacuumed', { table: table.name, command, ms })
    }
    return 'done' as const
  }

  const timers = [
    whenUsed(options.checkpointLookMs, checkpoint),
    whenUsed(options.vacuumMs, vacuum),
  ]
  return {
    stop: async () => {
      isStopped = true
      for (const timer of timers) clearInterval(timer)
      await running
    },
  }
}

/** A SQLSTATE rather than PostgreSQL's message, which may hold what is stored. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
}

import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { redriveDeadLetters } from '../../src/pipeline/operations/redrive-dead-letters.ts'
import type { WorkerFleet } from './worker-fleet.ts'

const redriveMs = 60_000
const frozenMs = 4_000
/** From a fault on until the letters of whoever it hit are due again; without this it is three minutes. */
const dueMs = 500

/**
 * Mends what poison fails by, and has its letters tried again while one worker is killed and another frozen: their claims
 * are let run out early, so that others take the letters and a late commit would be a repeat. Waits until none is left,
 * a minute at most.
 */
export async function redriveMended(
  deps: { pool: Pool; fleet: WorkerFleet },
  pipelines: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { pool, fleet } = deps
  const until = performance.now() + redriveMs
  const isOver = () => performance.now() > until || signal.aborted
  const [killed, frozen] = fleet.working()
  await pool.query('insert into chaos.mended default values')
  for (const pipeline of pipelines) await redriveDeadLetters({ pool }, { pipeline, all: true })
  // When half of them are done every worker has one in its hands.
  const marked = await countMarked(pool)
  while ((await countMarked(pool)) > marked / 2 && !isOver()) await wait(5, signal)
  const faults = Promise.all([
    killed && fleet.kill(killed, 0),
    frozen && fleet.freeze(frozen, frozenMs),
  ])
  await wait(dueMs, signal)
  while ((await countMarked(pool)) > 0 && !isOver()) {
    await pool.query(
      `update millrace.dead_letter
          set redrive_at = clock_timestamp()
        where redrive_at between clock_timestamp() + interval '170 s'
                             and clock_timestamp() + interval '179.5 s'`,
    )
    await wait(100, signal)
  }
  await faults
}

/** Letters that are to be tried again. */
async function countMarked(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    'select count(*) from millrace.dead_letter where redrive_at is not null',
  )
  return Number(rows[0]?.count)
}

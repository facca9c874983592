import type { Pool } from 'pg'
import { storableText } from './checkpoint.ts'

/*
 * The breaker of a pipeline: an outage of what its steps depend on is nobody's fault, so it waits.
 *
 *   closed --outage--> open --`breaker_until` passes, one worker claims it--> half_open --batch commits--> closed
 *                       ^                                                        |
 *                       +--------------------- outage again, longer wait --------+
 *
 * The row of millrace.pipeline is the truth for all workers. While it is open nobody takes a lease (lease.ts), so the
 * log keeps the records, no attempt is used up and nothing goes to the dead letters. A prober holds the breaker half open
 * as it holds its lease: it renews it, and when it dies the time passes and another probes.
 */

const firstWaitMs = 1_000
const longestWaitMs = 15_000
/** A provider may ask for more, up to this. */
const longestAskedMs = 300_000
/** An outage this soon after the last counts as the same one. */
const sameOutageMs = 60_000

/**
 * Opens the breaker, or opens it again for longer; one that another shard's failure has opened already stays as it is.
 * Returns how long it waits, in ms; null when it was open.
 */
export async function openBreaker(
  deps: { pool: Pool },
  pipeline: string,
  options: { reason: string; askedMs: number | null; isProbe: boolean },
): Promise<number | null> {
  const { rows } = await deps.pool.query<{ waitMs: number }>(
    `with wait as (
       select name, failures, greatest(least($2 * power(2, failures - 1), $3) * (0.75 + random() / 4), $4) as ms
         from (select name,
                      case when breaker_until > clock_timestamp() - make_interval(secs => $5 / 1000.0)
                                or breaker <> 'closed'
                           then least(breaker_failures + 1, 20)
                           else 1
                      end as failures
                 from millrace.pipeline
                where name = $1
                  and (breaker = 'closed' or (breaker = 'half_open' and $7))
                  for update) as p)
     update millrace.pipeline p
        set breaker = 'open',
            breaker_failures = wait.failures,
            breaker_until = clock_timestamp() + make_interval(secs => wait.ms / 1000.0),
            breaker_reason = $6,
            breaker_since = coalesce(p.breaker_since, clock_timestamp()),
            updated_at = clock_timestamp()
       from wait
      where p.name = wait.name
     returning wait.ms::float8 as "waitMs"`,
    [
      pipeline,
      firstWaitMs,
      longestWaitMs,
      Math.min(options.askedMs ?? 0, longestAskedMs),
      sameOutageMs,
      storableText(options.reason),
      options.isProbe,
    ],
  )
  return rows[0]?.waitMs ?? null
}

/** Claims, for `leaseMs`, the one probe of a breaker whose wait is over; false when it is closed, not due, or another's. */
export async function claimProbe(
  deps: { pool: Pool },
  pipeline: string,
  leaseMs: number,
): Promise<boolean> {
  const { rowCount } = await deps.pool.query(
    `update millrace.pipeline
        set breaker = 'half_open',
            breaker_until = clock_timestamp() + make_interval(secs => $2 / 1000.0)
      where name = $1
        and breaker <> 'closed'
        and breaker_until <= clock_timestamp()
        and state = 'running'`,
    [pipeline, leaseMs],
  )
  return rowCount === 1
}

/** Keeps the breaker half open for `leaseMs` more. */
export async function renewProbe(
  deps: { pool: Pool },
  pipeline: string,
  leaseMs: number,
): Promise<void> {
  await deps.pool.query(
    `update millrace.pipeline
        set breaker_until = clock_timestamp() + make_interval(secs => $2 / 1000.0)
      where name = $1
        and breaker = 'half_open'`,
    [pipeline, leaseMs],
  )
}

/** Gives a probe back that found nothing to try: the next who looks may claim it. */
export async function returnProbe(deps: { pool: Pool }, pipeline: string): Promise<void> {
  await deps.pool.query(
    `update millrace.pipeline
        set breaker = 'open',
            breaker_until = clock_timestamp()
      where name = $1
        and breaker = 'half_open'`,
    [pipeline],
  )
}

/**
 * Closes a half-open breaker after a batch has gone through; false when it was not half-open. `breaker_until` says since
 * when, so that an outage soon after counts as the same one.
 */
export async function closeBreaker(deps: { pool: Pool }, pipeline: string): Promise<boolean> {
  const { rowCount } = await deps.pool.query(
    `update millrace.pipeline
        set breaker = 'closed',
            breaker_until = clock_timestamp(),
            breaker_reason = null,
            breaker_since = null,
            updated_at = clock_timestamp()
      where name = $1
        and breaker = 'half_open'`,
    [pipeline],
  )
  return rowCount === 1
}

import type { Pool } from 'pg'

/** A process that works pipelines. */
export interface RosterWorker {
  id: string
  pipelines: readonly string[]
  concurrency: number
}

/** What workers know of one another and of the pipelines they share. */
export interface Roster {
  workers: RosterWorker[]
  pipelines: {
    name: string
    replayOf: string | null
    revision: number
    /** A replay's own streams and start; null for a pipeline. */
    definition: { streams: 'all' | string[] } | null
    state: 'running' | 'paused'
    /** The breaker is closed, or its wait is over. */
    isReady: boolean
    /** Shards that somebody works. */
    held: number
  }[]
}

/**
 * Says that this worker is alive and reads who else is, and how the pipelines stand that it can run, replays included.
 * A worker that was not seen for `leaseMs` counts as dead, as its leases do.
 *
 * Writes: worker, one row. Reads: worker, pipeline, checkpoint.
 */
export async function signIn(
  deps: { pool: Pool },
  self: RosterWorker,
  options: { names: readonly string[]; leaseMs: number },
): Promise<Roster> {
  const { rows } = await deps.pool.query<{ roster: Roster }>({
    name: 'millrace.sign_in',
    text: `
      with seen as (
        insert into millrace.worker (id, pipelines, concurrency)
        values ($1, $2, $3)
            on conflict (id) do update
           set pipelines = excluded.pipelines,
               seen_at = clock_timestamp()
        returning id),
      mine as (
        select p.name, p.replay_of, p.revision, p.state,
               case when p.replay_of is not null then p.definition end as definition,
               p.breaker = 'closed' or p.breaker_until <= clock_timestamp() as ready,
               (select count(*)
                  from millrace.checkpoint c
                 where c.pipeline = p.name
                   and c.owner is not null
                   and c.lease_expires_at > clock_timestamp()) as held
          from millrace.pipeline p
         where p.name = any($4::text[])
            or p.replay_of = any($4::text[]))
      select json_build_object(
               'workers', (select coalesce(json_agg(json_build_object(
                             'id', id, 'pipelines', pipelines, 'concurrency', concurrency)), '[]')
                             from millrace.worker
                            where id <> $1
                              and seen_at > clock_timestamp() - make_interval(secs => $5 / 1000.0)),
               'pipelines', (select coalesce(json_agg(json_build_object(
                               'name', name, 'replayOf', replay_of, 'revision', revision,
                               'definition', definition, 'state', state, 'isReady', ready,
                               'held', held)), '[]')
                               from mine)) as roster
        from seen`,
    values: [self.id, self.pipelines, self.concurrency, options.names, options.leaseMs],
  })
  const roster = rows[0]?.roster ?? { workers: [], pipelines: [] }
  return { ...roster, workers: [...roster.workers, self] }
}

/** Leaves the roster, so that the others take this worker's share at once. */
export async function signOut(deps: { pool: Pool }, id: string): Promise<void> {
  await deps.pool.query('delete from millrace.worker where id = $1', [id])
}

/** Forgets workers that died long ago. */
export async function forgetDeadWorkers(deps: { pool: Pool }): Promise<void> {
  await deps.pool.query(
    `delete from millrace.worker where seen_at < clock_timestamp() - interval '10 minutes'`,
  )
}

/**
 * How many of a pipeline's `total` shards one worker works when they are spread evenly: the same number for all, but
 * nobody more than its concurrency. What the small ones cannot take falls to the large ones.
 */
export function fairShare(
  self: Pick<RosterWorker, 'concurrency'>,
  workers: readonly Pick<RosterWorker, 'concurrency'>[],
  total: number,
): number {
  let left = total
  let remaining = workers.length
  for (const { concurrency } of workers.toSorted((a, b) => a.concurrency - b.concurrency)) {
    const even = Math.ceil(left / remaining)
    if (concurrency >= even) return Math.min(self.concurrency, even)
    left -= concurrency
    remaining -= 1
  }
  return self.concurrency
}

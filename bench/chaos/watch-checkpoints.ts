import pg from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { type CheckpointRow, createProgressTracker, type Progress } from './track-progress.ts'

export interface CheckpointWatch {
  /** Notes that the worker with this process id was hit just now. */
  hit(cause: string, pid: number): Promise<void>
  stop(): Promise<Progress>
}

const everyMs = 100
/** Looking for records behind a checkpoint costs the database something in each shard, so it is done less often. */
const behindEvery = 10

/** Looks at all checkpoints ten times a second, with a connection of its own that it makes anew when it is lost. */
export function watchCheckpoints(databaseUrl: string): CheckpointWatch {
  const tracker = createProgressTracker()
  const stopping = new AbortController()
  let client: pg.Client | undefined
  let behind = new Map<string, boolean>()

  const connect = async () => {
    const fresh = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
    fresh.on('error', () => undefined)
    await fresh.connect()
    return fresh
  }

  const look = async (withBehind: boolean) => {
    try {
      client ??= await connect()
      const { rows } = await client.query<Omit<CheckpointRow, 'isBehind'> & { isBehind?: boolean }>(
        `select pipeline, shard_id as "shardId", owner, epoch, seq
                ${withBehind ? ', coalesce(millrace.last_seq(shard_id) > seq, false) as "isBehind"' : ''}
           from millrace.checkpoint
          order by pipeline, shard_id`,
      )
      const nameOf = (row: { pipeline: string; shardId: number }) =>
        `${row.pipeline}:${row.shardId}`
      if (withBehind) behind = new Map(rows.map((row) => [nameOf(row), row.isBehind ?? false]))
      tracker.observe({
        at: performance.now(),
        rows: rows.map((row) => ({ ...row, isBehind: behind.get(nameOf(row)) ?? false })),
      })
    } catch {
      tracker.observe({ at: performance.now(), rows: null })
      void client?.end().catch(() => undefined)
      client = undefined
    }
  }

  // One look at a time: they share a connection.
  let looking = Promise.resolve()
  const lookNext = (withBehind: boolean) => {
    looking = looking.then(() => look(withBehind))
    return looking
  }
  const run = async () => {
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      const next = performance.now() + everyMs
      await lookNext(count % behindEvery === 0)
      await wait(Math.max(0, next - performance.now()), stopping.signal)
    }
  }
  const running = run()
  return {
    hit: async (cause, pid) => {
      const at = performance.now()
      // The newest state, so that a lease that was given back just before does not count.
      await lookNext(false)
      tracker.hit(cause, at, (owner) => owner.split(':').includes(String(pid)))
    },
    stop: async () => {
      stopping.abort()
      await running
      await client?.end().catch(() => undefined)
      return tracker.progress()
    },
  }
}

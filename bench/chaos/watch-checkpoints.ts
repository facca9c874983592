import pg from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { ancestorsAreDone } from '../../src/pipeline/scheduling/find-work.ts'
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
  let shards = new Map<string, Pick<CheckpointRow, 'isBehind' | 'isWorkable'>>()

  const connect = async () => {
    const fresh = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 2_000 })
    fresh.on('error', () => undefined)
    await fresh.connect()
    return fresh
  }

  const look = async (withShards: boolean) => {
    try {
      client ??= await connect()
      const { rows } = await client.query<
        Omit<CheckpointRow, 'isBehind' | 'isWorkable'> & { isAllowed: boolean }
      >(
        `select c.pipeline, c.shard_id as "shardId", c.owner, c.epoch, c.seq,
                p.state = 'running' and p.breaker = 'closed'
                  and (c.retry_at is null or c.retry_at <= clock_timestamp()) as "isAllowed"
           from millrace.checkpoint c
           join millrace.pipeline p on p.name = c.pipeline
          order by c.pipeline, c.shard_id`,
      )
      if (withShards) shards = await lookAtShards(client)
      tracker.observe({
        at: performance.now(),
        rows: rows.map(({ isAllowed, ...row }) => {
          const { isBehind = false, isWorkable = false } = shards.get(nameOf(row)) ?? {}
          return { ...row, isBehind, isWorkable: isWorkable && isAllowed }
        }),
      })
    } catch {
      tracker.observe({ at: performance.now(), rows: null })
      void client?.end().catch(() => undefined)
      client = undefined
    }
  }

  // One look at a time: they share a connection.
  let looking = Promise.resolve()
  const lookNext = (withShards: boolean) => {
    looking = looking.then(() => look(withShards))
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

const nameOf = (row: { pipeline: string; shardId: number }) => `${row.pipeline}:${row.shardId}`

/** Which shards hold records after a checkpoint, and of those which have no ancestor that must be done first. */
async function lookAtShards(client: pg.Client) {
  const { rows } = await client.query<
    Pick<CheckpointRow, 'pipeline' | 'shardId' | 'isBehind' | 'isWorkable'>
  >(
    `with newest as materialized (
       select id, millrace.last_seq(id) as seq
         from millrace.shard)
     select c.pipeline, c.shard_id as "shardId",
            coalesce(newest.seq > c.seq, false) as "isBehind",
            coalesce(newest.seq > c.seq, false) and ${ancestorsAreDone} as "isWorkable"
       from millrace.checkpoint c
       join millrace.shard sh on sh.id = c.shard_id
       join millrace.stream st on st.id = sh.stream_id
       join newest on newest.id = sh.id`,
  )
  return new Map(rows.map((row) => [nameOf(row), row]))
}

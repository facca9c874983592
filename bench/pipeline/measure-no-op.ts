import type { Pool } from 'pg'
import type { Database } from '../../src/db/open-database.ts'
import { pausePipeline } from '../../src/pipeline/operations/pause-pipeline.ts'
import { readPipelineStatus } from '../../src/pipeline/operations/read-pipeline-status.ts'
import { resumePipeline } from '../../src/pipeline/operations/resume-pipeline.ts'
import { registerPipeline } from '../../src/pipeline/scheduling/register-pipeline.ts'
import { forkWorker } from './fork-worker.ts'
import { type NoOpOptions, type NoOpReport, noOpPipeline } from './no-op-pipeline.ts'
import { waitUntil } from './wait-until.ts'

export interface NoOpTurn {
  /** From the resume to the last checkpoint. */
  seconds: number
  /** From the resume to the first batch. */
  startMs: number
  records: number
  /** Of each worker, the one with most first. */
  workers: { shards: number; records: number }[]
  /** Shards that more than one worker had batches of. */
  shared: number
}

/**
 * How long worker processes take for what a stream holds. The pipeline is registered and paused before they start; the
 * clock starts with the resume, when all of them are on the roster, and stops when every checkpoint is at the end.
 */
export async function measureNoOp(
  db: Database,
  options: NoOpOptions & { workers: number },
): Promise<NoOpTurn> {
  const { workers, ...own } = options
  const { name } = own
  await registerPipeline(db, noOpPipeline(own).pipeline)
  await pausePipeline(db, { name })
  const ends = await readEnds(db.pool, own.stream)
  const file = new URL('./no-op-process.ts', import.meta.url)
  const start = () => forkWorker<NoOpReport>(file, [db.url, JSON.stringify(own)])
  const forked = await Promise.all(Array.from({ length: workers }, start))
  try {
    await waitUntil(`${workers} workers on the roster`, async () => {
      const status = await readPipelineStatus(db, { name })
      return status.workers.length === workers
    })
    const began = Date.now()
    await resumePipeline(db, { name })
    await waitUntil('the pipeline at its end', () => isAtEnd(db.pool, name, ends), {
      withinMs: 300_000,
    })
    const seconds = (Date.now() - began) / 1_000
    const reports = await Promise.all(forked.map((worker) => worker.report()))
    return { seconds, startMs: Math.min(...firsts(reports)) - began, ...spreadOf(reports) }
  } finally {
    await Promise.all(forked.map((worker) => worker.stop()))
  }
}

/** The last sequence number of each shard of a stream. */
async function readEnds(pool: Pool, stream: string): Promise<Map<number, bigint>> {
  const { rows } = await pool.query<{ id: number; seq: string }>(
    `select sh.id, millrace.last_seq(sh.id) as seq
       from millrace.shard sh
       join millrace.stream st on st.id = sh.stream_id
      where st.name = $1`,
    [stream],
  )
  return new Map(rows.map(({ id, seq }) => [id, BigInt(seq)]))
}

async function isAtEnd(pool: Pool, name: string, ends: Map<number, bigint>): Promise<boolean> {
  const { rows } = await pool.query<{ id: number; seq: string }>({
    name: 'bench.checkpoints',
    text: 'select shard_id as id, seq from millrace.checkpoint where pipeline = $1',
    values: [name],
  })
  const at = new Map(rows.map(({ id, seq }) => [id, BigInt(seq)]))
  return [...ends].every(([id, end]) => (at.get(id) ?? 0n) >= end)
}

function firsts(reports: readonly NoOpReport[]): number[] {
  return reports.map(({ firstAt }) => firstAt).filter((at) => at > 0)
}

/** How evenly the work was spread. */
export function spreadOf(
  reports: readonly Pick<NoOpReport, 'shards'>[],
): Pick<NoOpTurn, 'records' | 'workers' | 'shared'> {
  const owners = new Map<string, number>()
  const workers = reports.map(({ shards }) => {
    for (const id of Object.keys(shards)) owners.set(id, (owners.get(id) ?? 0) + 1)
    const records = Object.values(shards).reduce((sum, count) => sum + count, 0)
    return { shards: Object.keys(shards).length, records }
  })
  return {
    records: workers.reduce((sum, worker) => sum + worker.records, 0),
    workers: workers.toSorted((a, b) => b.records - a.records),
    shared: [...owners.values()].filter((count) => count > 1).length,
  }
}

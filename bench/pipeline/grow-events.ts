import { wait } from '../../src/base/backoff.ts'
import { countBehind } from '../../src/pipeline/lag.ts'
import { logsPipelineName } from '../../src/pipeline/logs-pipeline.ts'
import type { BenchmarkOptions } from '../support/benchmark.ts'
import { appendLines, type Rig } from './log-rig.ts'
import { varyLines } from './vary-lines.ts'
import { startWorkerProcess } from './worker-process.ts'

export interface Grown {
  /** The next lap of the lines. */
  lap: number
  events: number
  /** The newest event's own time: what "now" is for questions. */
  now: Date
}

/**
 * Lets the pipeline work more lines, until there are `to` events or `withinMs` is over, and says what there is then. The
 * tables are vacuumed and analyzed, as autovacuum would have done a little later.
 */
export async function growEvents(
  rig: Rig,
  { lines, note }: Pick<BenchmarkOptions, 'lines' | 'note'>,
  step: { from: number; to: number; lap: number; withinMs: number },
): Promise<Grown> {
  const { pool } = rig.db
  const worker = await startWorkerProcess(rig.db.url)
  const started = performance.now()
  const isLate = () => performance.now() - started > step.withinMs
  let { from: appended, lap } = step
  try {
    while (appended < step.to && !isLate()) {
      const part = varyLines(lines.slice(0, step.to - appended), lap)
      await appendLines(rig.producer, part)
      appended += part.length
      lap += 1
    }
    while (!isLate() && (await countBehind(rig.db, logsPipelineName)) > 0) await wait(200)
  } finally {
    await worker.stop()
  }
  const seconds = (performance.now() - started) / 1_000
  note(`${appended} lines after ${seconds.toFixed(1)} s`)
  await pool.query('vacuum (analyze) millrace.event, millrace.event_count')
  const { rows } = await pool.query<{ now: Date; events: number }>(
    'select max(at) as now, count(*)::int as events from millrace.event',
  )
  return { lap, events: rows[0]?.events ?? 0, now: rows[0]?.now ?? new Date() }
}

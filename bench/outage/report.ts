import type { Database } from '../../src/db/open-database.ts'
import { readPipelineStatus } from '../../src/pipeline/operations/read-pipeline-status.ts'
import { median } from '../support/stats.ts'
import type { Table } from '../support/table.ts'
import type { ServedCounts } from './embedding-server.ts'
import { pipelineName, table } from './outage-pipeline.ts'
import type { Sample } from './watch-outage.ts'
import type { LogEvent } from './worker-log.ts'

/** What was counted on both sides at one moment. */
export interface Snapshot {
  at: number
  server: ServedCounts
  pipeline: ServedCounts
}

export async function takeSnapshot(db: Database, server: ServedCounts): Promise<Snapshot> {
  const { totals } = await readPipelineStatus(db, { name: pipelineName })
  const { embedRequests: requests, embedTokens: tokens } = totals
  return { at: Date.now(), server, pipeline: { requests, tokens } }
}

/** What became of the lines that were acknowledged. */
export async function countLines(db: Database, appended: number) {
  const { rows } = await db.pool.query<Record<'written' | 'distinct' | 'wrong', number>>(
    `select count(*)::int as written,
            count(distinct n)::int as distinct,
            (count(*) filter (where is_right is not true))::int as wrong
       from ${table}`,
  )
  const { written = 0, distinct = 0, wrong = 0 } = rows[0] ?? {}
  const { deadLetters, totals } = await readPipelineStatus(db, { name: pipelineName })
  return {
    appended,
    lost: appended - distinct,
    repeated: written - distinct,
    wrong,
    dead: Math.max(deadLetters, totals.dead),
  }
}

/** When the breaker opened, each failed probe after it, and when it closed, from the moment the provider went away. */
export function breakerTable(events: readonly LogEvent[], downAt: number): Table {
  return {
    title: 'the breaker: each line after the first is a probe',
    columns: ['s after the provider went', 'event', 'next wait ms', 'error'],
    rows: events
      .filter(({ event }) => event.startsWith('breaker.'))
      .map(({ at, event, waitMs, code }) => [(at - downAt) / 1_000, event, waitMs ?? '', code]),
  }
}

export function usageTable(snapshots: Record<string, Snapshot>): Table {
  return {
    title: 'requests and tokens so far, by the server and by the status of the pipeline',
    columns: ['at the end of', 'requests: server', 'status', 'tokens: server', 'status'],
    rows: Object.entries(snapshots).map(([name, { server, pipeline }]) => [
      name,
      server.requests,
      pipeline.requests,
      server.tokens,
      pipeline.tokens,
    ]),
  }
}

export function memoryTable(
  samples: readonly Sample[],
  phases: Record<string, { from: number; to: number }>,
): Table {
  return {
    title: 'the worker process and its lag',
    columns: ['phase', 's', 'RSS MiB, median', 'RSS MiB, most', 'most behind', 'most age s'],
    rows: Object.entries(phases).map(([name, { from, to }]) => {
      const own = samples.filter(({ at }) => at >= from && at < to)
      const rss = own.map(({ rssMib }) => rssMib)
      const most = (pick: (sample: Sample) => number) =>
        own.reduce((max, sample) => Math.max(max, pick(sample)), 0)
      return [
        name,
        (to - from) / 1_000,
        median(rss),
        most(({ rssMib }) => rssMib),
        most(({ behind }) => behind),
        most(({ iteratorAgeMs }) => iteratorAgeMs) / 1_000,
      ]
    }),
  }
}

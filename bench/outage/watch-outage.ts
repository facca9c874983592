import { readFile } from 'node:fs/promises'
import type { Pool } from 'pg'
import { wait } from '../../src/base/backoff.ts'
import { readPipelineStatus } from '../../src/pipeline/operations/read-pipeline-status.ts'
import { pipelineName } from './outage-pipeline.ts'

export interface Sample {
  /** ms since 1970. */
  at: number
  rssMib: number
  behind: number
  iteratorAgeMs: number
  /** The most failures in a row of a shard: attempts that count. */
  attempts: number
  breaker: 'closed' | 'open' | 'half_open'
}

/** Looks at the pipeline and at the worker's memory twice a second until stopped. */
export function watchOutage(deps: { pool: Pool }, pid: number) {
  const samples: Sample[] = []
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const { totals, shards, breaker } = await readPipelineStatus(deps, { name: pipelineName })
      samples.push({
        at: Date.now(),
        rssMib: await rssMib(pid),
        behind: totals.behind,
        iteratorAgeMs: totals.iteratorAgeMs,
        attempts: Math.max(0, ...shards.map(({ failures }) => failures)),
        breaker: breaker.state,
      })
      await wait(500, stopping.signal)
    }
  })()
  watching.catch(() => undefined)
  return {
    samples,
    stop: () => {
      stopping.abort()
      return watching
    },
  }
}

async function rssMib(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? Number.NaN) / 1024
}

import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Logger } from '../base/logger.ts'
import { openPipeline } from './batch/open-pipeline.ts'
import { runShard } from './batch/run-shard.ts'
import type { Pipeline } from './define-pipeline.ts'
import { ensureCheckpoints } from './scheduling/checkpoint.ts'
import { findWork } from './scheduling/find-work.ts'
import { registerPipeline } from './scheduling/register-pipeline.ts'
import type { Resources } from './step.ts'

/**
 * Works, here and now, whatever no worker holds, until nothing is left or `signal` aborts; returns how many records.
 * It takes the same leases as a worker, so both may run: each shard is worked by one of them. A shard whose batch failed
 * is left to its retry.
 */
export async function catchUp(
  deps: { pool: Pool; logger: Logger; embedding: Resources['embedding'] },
  pipeline: Pipeline,
  options: { signal: AbortSignal; onProgress?: (records: number) => void },
): Promise<number> {
  let records = 0
  const { name, streams } = pipeline.options
  await registerPipeline(deps, pipeline, { keepKnown: true })
  await ensureCheckpoints(deps, { name, streams })
  const open = await openPipeline(pipeline, { ...deps, pipeline: name })
  while (!options.signal.aborted) {
    const work = await findWork(deps, [name])
    if (work.length === 0) break
    for (const key of work) {
      await runShard(deps, open, key, {
        owner: `catch-up:${process.pid}:${randomUUID().slice(0, 8)}`,
        signal: options.signal,
        onCommitted: (count) => {
          records += count
          options.onProgress?.(records)
        },
      })
    }
  }
  return records
}

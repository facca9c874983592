import type { Logger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import type { Producer } from '../../src/log/producer.ts'
import { readPipelineStatus } from '../../src/pipeline/operations/read-pipeline-status.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { waitUntil } from '../pipeline/wait-until.ts'
import { createCallCount, type PoisonCall } from './count-calls.ts'
import { type PoisonCase, poisonPipeline } from './poison-pipeline.ts'

export const total = 10_000

/** A case at work: its stream is filled before its worker starts, so that its batches are the same in each run. */
export async function startCase(
  deps: Database & { logger: Logger; producer: Producer },
  one: PoisonCase,
) {
  const { name } = one
  await createStream(deps, { name, shards: 1 })
  const records = Array.from({ length: total }, (_, n) => ({
    partitionKey: `key-${n % 50}`,
    data: Buffer.from(JSON.stringify({ n, secret: `payload-${n}` }).padEnd(300)),
  }))
  for (const result of await deps.producer.put(name, records)) if (!result.ok) throw result.error
  const calls = createCallCount()
  const defect = { isFixed: false }
  const pipeline = poisonPipeline(one, calls.note, defect)
  const began = performance.now()
  const worker = await startWorker(deps, { pipelines: [pipeline] })
  return {
    calls: calls as { calls: readonly PoisonCall[] },
    fix: () => {
      defect.isFixed = true
    },
    /** Waits for the checkpoint to be at the end; returns the ms since the worker's start. */
    caughtUp: async () => {
      await waitUntil(`the end of "${name}"`, async () => {
        const { totals } = await readPipelineStatus(deps, { name })
        return totals.records === total
      })
      return performance.now() - began
    },
    [Symbol.asyncDispose]: worker.stop,
  }
}

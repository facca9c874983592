// One worker of a chaos run: `node worker-process.ts NAME DATABASE_URL EMBEDDING_URL ARCHIVE_DIR`. It prints `ready`
// when it works, ends by itself after SIGTERM, and at once when whoever started it is gone (its stdin ends). A number of
// milliseconds in its stdin blocks it for so long. Its log is its stderr.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createCachedEmbedder } from '../../src/embed/cached-embedder.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { createPipelines } from './pipelines.ts'
import { dimensions } from './text-vector.ts'

const [name = '', url = '', baseUrl = '', archiveDir = ''] = process.argv.slice(2)
const orphaned = () => process.exit(3)
const block = (text: Buffer) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(text.toString()))
}
process.stdin.on('end', orphaned).on('error', orphaned).on('data', block)

const logger = createLogger({ level: 'info' })
const pool = createPool({ logger }, { url, maxConnections: 12 })
// Short times: an outage is to be over in seconds.
const provider = await createOpenAiEmbedder({
  model: 'chaos',
  baseUrl,
  dimensions,
  maxRetries: 1,
  timeoutMs: 1_000,
})
const embedding = async () => {
  const modelId = await registerModel(pool, provider)
  return { modelId, embedder: createCachedEmbedder({ pool, embedder: provider, modelId }) }
}
const worker = await startWorker(
  { pool, logger, embedding },
  {
    pipelines: createPipelines({ pool, worker: name, archiveDir }),
    concurrency: 8,
    leaseMs: 5_000,
    pollMs: 250,
  },
)
let stage = 'working'
process.once('SIGTERM', async () => {
  stage = 'stopping the worker'
  await worker.stop()
  stage = 'ending the pool'
  await provider.close()
  await pool.end()
  stage = 'nothing left to do'
  // Nothing ends the process but the lack of anything to wait for: what a stop leaves running shows.
  process.stdin.destroy()
})
// Asked when it does not end.
process.on('SIGUSR2', () => {
  const { totalCount, idleCount, waitingCount } = pool
  const waitsFor = process.getActiveResourcesInfo()
  logger.error({ stage, totalCount, idleCount, waitingCount, waitsFor }, 'worker.not_ended')
})
process.stdout.write('ready\n')

// One worker of an outage: `node worker-process.ts DATABASE_URL EMBEDDING_URL`, started by fork-worker.ts. The provider
// has the times and the retries that `millrace worker` gives it.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createCachedEmbedder } from '../../src/embed/cached-embedder.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { dimensions } from '../chaos/text-vector.ts'
import { answerReports } from '../pipeline/fork-worker.ts'
import { outagePipeline } from './outage-pipeline.ts'

const [url = '', baseUrl = ''] = process.argv.slice(2)
const logger = createLogger({ level: 'info' })
const pool = createPool({ logger }, { url, maxConnections: 12 })
const provider = await createOpenAiEmbedder({ model: 'outage', baseUrl, dimensions })
const embedding = async () => {
  const modelId = await registerModel(pool, provider)
  return { modelId, embedder: createCachedEmbedder({ pool, embedder: provider, modelId }) }
}
const worker = await startWorker({ pool, logger, embedding }, { pipelines: [outagePipeline()] })
answerReports(
  () => ({}),
  async () => {
    await worker.stop()
    await provider.close()
    await pool.end()
  },
)

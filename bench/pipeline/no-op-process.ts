// One worker with a pipeline that keeps nothing: `node no-op-process.ts DATABASE_URL OPTIONS`, started by fork-worker.ts.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { answerReports } from './fork-worker.ts'
import { type NoOpOptions, noOpPipeline } from './no-op-pipeline.ts'

const [url = '', options = '{}'] = process.argv.slice(2)
const logger = createLogger({ level: 'warn' })
const pool = createPool({ logger }, { url, maxConnections: 12 })
const { pipeline, report } = noOpPipeline(JSON.parse(options) as NoOpOptions)
const worker = await startWorker({ pool, logger }, { pipelines: [pipeline] })
answerReports(
  () => report,
  async () => {
    await worker.stop()
    await pool.end()
  },
)

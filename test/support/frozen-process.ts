// A worker in a process of its own that freezes in the middle of a batch's transaction, after its sink has written:
// `node frozen-process.ts URL`. It works the stream `frozen`, and holds the locks of that transaction until it goes on.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { startWorker } from '../../src/pipeline/worker.ts'
import { frozenPipeline } from './frozen-pipeline.ts'

const logger = createLogger({ level: 'silent' })
const pool = createPool({ logger }, { url: process.argv[2] ?? '' })
await startWorker(
  { pool, logger },
  { pipelines: [frozenPipeline(() => process.kill(process.pid, 'SIGSTOP'))] },
)

// In a project of your own: import ... from 'millrace'
import { defineConfig, definePipeline, toFiles } from '../../src/index.ts'

const dir = process.env.ARCHIVE_DIR ?? 'archive'

/** A stream as files: compressed NDJSON to grep, and Parquet for DuckDB, Spark and the like. */
const archive = definePipeline({
  name: 'archive',
  stream: 'shop',
  // A file a batch: full, or as long as it may wait.
  batch: { records: 10_000, bytes: 16 * 1024 * 1024, windowMs: 5_000 },
}).to(
  toFiles({ dir: `${dir}/ndjson`, format: 'ndjson', compress: 'gzip' }),
  toFiles({ dir: `${dir}/parquet`, format: 'parquet' }),
)

export default defineConfig({ pipelines: [archive], logs: false })

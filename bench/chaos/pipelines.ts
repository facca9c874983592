import type { Pool } from 'pg'
import type { Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { logsPipeline } from '../../src/pipeline/logs-pipeline.ts'
import { archivePipeline } from './pipelines/archive.ts'
import { copyPipeline } from './pipelines/copy.ts'
import { ledgerPipeline } from './pipelines/ledger.ts'
import { windowsPipeline } from './pipelines/windows.ts'

/** What the appender writes. */
export const stream = 'chaos'
/** What `copy` makes of it, which `logs` follows. */
export const copyStream = 'chaos-copy'
/** The ledger's pipeline again, from the stream's beginning on, started in the middle of a run. */
export const replayName = 'ledger-again'

/** The stream that each pipeline follows; the replay is there when it has been started. */
export const streamOf: Readonly<Record<string, string>> = {
  ledger: stream,
  [replayName]: stream,
  windows: stream,
  copy: stream,
  archive: stream,
  logs: copyStream,
}

/** Every pipeline of a worker; `worker` is the name that rows say they are from. */
export function createPipelines(deps: {
  pool: Pool
  worker: string
  archiveDir: string
}): Pipeline[] {
  const { pool, worker, archiveDir } = deps
  return [
    ledgerPipeline(stream, pool, worker),
    windowsPipeline(stream, worker),
    copyPipeline(stream, copyStream),
    archivePipeline(stream, archiveDir),
    logsPipeline({ stream: copyStream, batch: { records: 500 } }),
  ]
}

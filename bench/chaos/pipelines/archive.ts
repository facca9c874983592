import { join } from 'node:path'
import { definePipeline, type Pipeline } from '../../../src/pipeline/define-pipeline.ts'
import { toFiles } from '../../../src/pipeline/sinks/to-files.ts'

export const archiveFormats = ['ndjson', 'parquet'] as const
export type ArchiveFormat = (typeof archiveFormats)[number]

/** The archive of a format, under the folder of all. */
export function archiveFolder(dir: string, format: ArchiveFormat): string {
  return join(dir, format)
}

/** Every record into files of both formats: a batch is in both or in none. */
export function archivePipeline(stream: string, dir: string): Pipeline {
  const [ndjson, parquet] = archiveFormats
  return definePipeline({ name: 'archive', stream, batch: { records: 500 } }).to(
    toFiles({ dir: archiveFolder(dir, ndjson), format: ndjson }),
    toFiles({ dir: archiveFolder(dir, parquet), format: parquet }),
  )
}

import type { Pool } from 'pg'
import type { LogRecord } from '../../../src/log/read-records.ts'
import type { Copy } from '../pipelines/copy.ts'
import { copyStreamToTable } from './copy-stream.ts'
import { enterResults } from './enter-results.ts'

/** Reads the stream of copies, enters them as what `copy` made, and keeps them as what `logs` was given. */
export async function enterCopies(pool: Pool, copyStream: string): Promise<void> {
  await copyStreamToTable(pool, copyStream, (records) =>
    enterResults(pool, 'copy', records.map(toResult)),
  )
}

/** A child's numbers begin after its parents' last, so a key's copies are in the order of theirs. */
function toResult({ data, sequence }: LogRecord) {
  const copy = JSON.parse(data.toString()) as Copy
  return {
    key: copy.key,
    number: copy.number,
    shardId: copy.fromShardId,
    sequence: copy.fromSequence,
    place: String(sequence),
  }
}

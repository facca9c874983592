import { MillraceError } from '../../src/base/errors.ts'
import type { LogRecord } from '../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { aggregate } from '../../src/pipeline/steps/aggregate.ts'
import { embed } from '../../src/pipeline/steps/embed.ts'
import { map } from '../../src/pipeline/steps/map.ts'
import { step } from '../../src/pipeline/steps/step.ts'
import {
  type LedgerEntry,
  type Note,
  type WindowCount,
  writeLedger,
  writeWindows,
} from './ledger-tables.ts'
import { isVectorOf } from './text-vector.ts'

export const stream = 'chaos'
export const pipelineNames = ['ledger', 'windows'] as const
export const windowMs = 5_000

/**
 * Every record, with its text's vector, into the ledger. Its attempts are the default few: of a record none of the faults
 * is, so none may end in the dead letters.
 */
export function ledgerPipeline(worker: string): Pipeline {
  return definePipeline({
    name: 'ledger',
    stream,
    batch: { records: 500 },
    parallelization: 3,
  })
    .step(map('parse', (record: LogRecord) => JSON.parse(record.data.toString()) as Note))
    .step(embed((note) => note.text, { timeoutMs: 20_000 }))
    .step(
      step('check', (notes: readonly (Note & { vector: Float32Array | null })[]): LedgerEntry[] =>
        notes.map(({ vector, ...note }) => ({
          ...note,
          isRightVector: isVectorOf(note.text, vector),
        })),
      ),
    )
    .to(
      sink('ledger', (client, entries: readonly LedgerEntry[], { records, shardId }) => {
        if (records.length !== entries.length)
          throw new MillraceError(
            'internal',
            `expected a record behind each value, got ${records.length} for ${entries.length}`,
          )
        const sequences = records.map(({ sequence }) => sequence)
        return writeLedger(client, entries, { shardId, sequences, worker })
      }),
    )
}

/** How many records of each key came in each five seconds, without any service from outside. */
export function windowsPipeline(worker: string): Pipeline {
  return definePipeline({ name: 'windows', stream, batch: { records: 500 }, parallelization: 2 })
    .step(
      aggregate({
        windowMs,
        key: (record: LogRecord) => record.partitionKey,
        initial: () => 0,
        add: (count: number) => count + 1,
        result: (count, { key, start }): WindowCount => ({ key, startsAt: start, count }),
      }),
    )
    .to(
      sink('windows', (client, windows: readonly WindowCount[], { shardId }) =>
        writeWindows(client, windows, { shardId, worker }),
      ),
    )
}

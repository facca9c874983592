import type { Pool } from 'pg'
import { wait } from '../../../src/base/backoff.ts'
import { MillraceError } from '../../../src/base/errors.ts'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../../src/pipeline/define-pipeline.ts'
import type { Sink } from '../../../src/pipeline/sink.ts'
import { embed } from '../../../src/pipeline/steps/embed.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import { step } from '../../../src/pipeline/steps/step.ts'
import { isMended, type LedgerEntry, writeLedger } from '../ledger-tables.ts'
import { type Note, poisonOf } from '../notes.ts'
import { isVectorOf } from '../text-vector.ts'

/** What is mended is slow, so that a fault finds a worker with a letter in its hands. */
const mendedMs = 100

/**
 * Every record, with its text's vector, into the ledger. Poison fails for as long as the database does not say that it is
 * mended: its attempts are the default few, so it, and of all else nothing, ends in the dead letters.
 */
export function ledgerPipeline(stream: string, pool: Pool, worker: string): Pipeline {
  return definePipeline({
    name: 'ledger',
    stream,
    batch: { records: 500 },
    parallelization: 3,
    // A record that fails holds its shard while it waits.
    retry: { backoffMs: 50 },
  })
    .step(map('parse', (record: LogRecord) => JSON.parse(record.data.toString()) as Note))
    .step(
      step('refuse', async (notes: readonly Note[]) => {
        const poison = notes.map(poisonOf).filter((kind) => kind !== null)
        if (poison.length === 0) return notes
        if (await isMended(pool)) await wait(mendedMs)
        // A plain throw, which names no record: the batch is halved until it is found.
        else if (poison.includes('step')) throw new Error('a record is poison')
        return notes
      }),
    )
    .step(embed((note) => note.text, { timeoutMs: 20_000 }))
    .step(
      step('check', (notes: readonly (Note & { vector: Float32Array | null })[]): LedgerEntry[] =>
        notes.map(({ vector, ...note }) => ({
          ...note,
          isRightVector: isVectorOf(note.text, vector),
        })),
      ),
    )
    .to(ledgerSink(worker))
}

/** Written out, since a replay of it must know under which name it runs. */
function ledgerSink(worker: string): Sink<LedgerEntry> {
  return {
    name: 'ledger',
    open: ({ pipeline }) => ({
      prepare: (entries, { records, shardId }) => {
        if (records.length !== entries.length)
          throw new MillraceError(
            'internal',
            `expected a record behind each value, got ${records.length} for ${entries.length}`,
          )
        const sequences = records.map(({ sequence }) => sequence)
        return async (client) => {
          await writeLedger(client, entries, { pipeline, shardId, sequences, worker })
          // Last, so that what was written is to be undone.
          const isPoisoned = entries.some((entry) => poisonOf(entry) === 'sink')
          if (isPoisoned && !(await isMended(client))) throw new Error('a record is poison')
        }
      },
    }),
  }
}

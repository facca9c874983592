import type { LogRecord } from '../../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../../src/pipeline/define-pipeline.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'
import { type WindowCount, writeWindows } from '../ledger-tables.ts'

const windowMs = 5_000

/** How many records of each key came in each five seconds, without any service from outside. */
export function windowsPipeline(stream: string, worker: string): Pipeline {
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

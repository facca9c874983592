import type { LogRecord } from '../../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../../src/pipeline/define-pipeline.ts'
import { toStream } from '../../../src/pipeline/sinks/to-stream.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import type { Note } from '../notes.ts'

/** A note in the stream of copies, with the place of the record that it was made of. */
export interface Copy extends Note {
  fromShardId: number
  fromSequence: string
}

/** Every record into another stream, which is resharded too. */
export function copyPipeline(stream: string, target: string): Pipeline {
  return definePipeline({ name: 'copy', stream, batch: { records: 500 }, parallelization: 2 })
    .step(
      map(
        'place',
        (record: LogRecord, _record, { shardId }): Copy => ({
          ...(JSON.parse(record.data.toString()) as Note),
          fromShardId: shardId,
          fromSequence: String(record.sequence),
        }),
      ),
    )
    .to(toStream({ stream: target }))
}

import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'

/** Writes each record to the table `thawed`; `between` is called between the write and the commit. */
export function frozenPipeline(between: () => void): Pipeline {
  return definePipeline({ name: 'frozen', stream: 'frozen' }).to(
    sink('thawed', async (client, records) => {
      await client.query('insert into thawed select unnest($1::text[])', [
        records.map((record) => record.data.toString()),
      ])
      between()
      await client.query('select 1')
    }),
  )
}

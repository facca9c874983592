import type { LogRecord } from '../../src/log/read-records.ts'
import { definePipeline, type Pipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { PartialFailure } from '../../src/pipeline/step.ts'
import { step } from '../../src/pipeline/steps/step.ts'

/** How the step fails: as a whole; by naming the failed records; or naming them beside the values that are good. */
export const behaviours = ['throws', 'names them', 'names them beside values'] as const
export type Behaviour = (typeof behaviours)[number]

export interface PoisonCase {
  /** Also the stream's and the pipeline's name. */
  name: string
  batchRecords: number
  /** Numbers of the records that fail. */
  poison: readonly number[]
  behaviour: Behaviour
  /** Calls that a record fails; then it goes well. Default: always. */
  heals?: number
}

/** Without a unique key and in the order of the commits, so that it shows what is written twice or out of order. */
export const ledger = 'bench_poison'
export const ledgerSql = `create table ${ledger} (at bigint generated always as identity, pipeline text, n int, seq bigint)`

interface Line {
  n: number
}

/** A step that fails on some records until it is fixed, and a ledger of what came through. */
export function poisonPipeline(
  { name, batchRecords, poison, behaviour, heals = Number.POSITIVE_INFINITY }: PoisonCase,
  note: (numbers: readonly number[], hasPoison: boolean) => void,
  defect: { isFixed: boolean },
): Pipeline {
  const failures = new Map<bigint, number>()
  const fails = ({ sequence }: LogRecord, { n }: Line) =>
    !defect.isFixed && poison.includes(n) && (failures.get(sequence) ?? 0) < heals
  return definePipeline({
    name,
    stream: name,
    batch: { records: batchRecords },
    retry: { backoffMs: 50 },
  })
    .step(
      step('read', (records: readonly LogRecord[]) => {
        const lines = records.map(({ data }) => JSON.parse(data.toString()) as Line)
        const bad = records.filter((record, index) => fails(record, lines[index] ?? { n: -1 }))
        note(
          lines.map(({ n }) => n),
          bad.length > 0,
        )
        for (const { sequence } of bad) failures.set(sequence, (failures.get(sequence) ?? 0) + 1)
        if (bad.length === 0) return lines
        if (behaviour === 'throws') throw new Error('a poison record')
        const failure = new PartialFailure(
          bad.map(({ sequence }) => sequence),
          'a poison record',
        )
        return behaviour === 'names them' ? failure : { values: lines, failure }
      }),
    )
    .to(
      sink('ledger', async (client, lines: readonly Line[], { records }) => {
        await client.query(
          `insert into ${ledger} (pipeline, n, seq)
           select $1, line.n, line.seq
             from unnest($2::int[], $3::bigint[]) with ordinality as line (n, seq, place)
            order by line.place`,
          [name, lines.map(({ n }) => n), records.map(({ sequence }) => String(sequence))],
        )
      }),
    )
}

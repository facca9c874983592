import { createStream } from '../../src/log/create-stream.ts'
import { putBy } from '../support/append-load.ts'
import type { BenchmarkOptions, Report } from '../support/benchmark.ts'
import { fillStream } from '../support/fill-stream.ts'
import { addRound, mid, type Rounds } from '../support/rounds.ts'
import { spread } from '../support/stats.ts'
import type { Rig } from './log-rig.ts'
import { measureNoOp, type NoOpTurn } from './measure-no-op.ts'

const stream = 'no-op'
const total = 500_000
const contenders = [1, 2, 4].flatMap((workers) => [
  { workers, batchRecords: 2_000 },
  { workers, batchRecords: 10_000 },
])

const rateOf = ({ records, seconds }: NoOpTurn) => records / seconds
const rateFromFirst = ({ records, seconds, startMs }: NoOpTurn) =>
  records / (seconds - startMs / 1_000)

/** What the runtime itself takes: a sink that does nothing, over a stream that was filled before. */
export async function runNoOpPart(
  rig: Rig,
  { rounds, lines, note }: BenchmarkOptions,
): Promise<Pick<Report, 'tables' | 'figures' | 'remarks'>> {
  await createStream(rig.db, { name: stream, shards: 4 })
  note(`filling a stream with ${total} records`)
  await fillStream(putBy(rig.producer, stream), { lines, total })
  const turns: Rounds<NoOpTurn> = new Map()
  for (let round = 0; round < rounds; round += 1)
    for (const { workers, batchRecords } of contenders) {
      const name = `no-op-${workers}-${batchRecords}-${round}`
      const turn = await measureNoOp(rig.db, { name, stream, workers, batchRecords })
      if (turn.records !== total)
        throw new Error(`expected ${total} records through the sink, got ${turn.records}`)
      addRound(turns, `${workers} x ${batchRecords}`, turn)
      note(`${workers} workers, batches of ${batchRecords}: ${rateOf(turn).toFixed(0)} records/s`)
    }
  const rate = (name: string) => mid(turns.get(name), rateOf)
  const share = ({ records }: { records: number }) => ((records / total) * 100).toFixed(0)
  return {
    tables: [
      {
        title: `a sink that does nothing, ${total.toLocaleString('en')} records on 4 shards`,
        columns: [
          'worker processes',
          'batch',
          'records/s',
          'rounds',
          'from the first batch',
          'first batch after ms',
          'shards of each',
          '% of the records of each',
          'shards of several workers',
        ],
        rows: contenders.map(({ workers, batchRecords }) => {
          const own = turns.get(`${workers} x ${batchRecords}`) ?? []
          return [
            String(workers),
            batchRecords,
            mid(own, rateOf),
            spread(own.map(rateOf)),
            mid(own, rateFromFirst),
            mid(own, ({ startMs }) => startMs),
            distinct(own.map((turn) => turn.workers.map(({ shards }) => shards).join('+'))),
            distinct(own.map((turn) => turn.workers.map(share).join('+'))),
            distinct(own.map(({ shared }) => String(shared))),
          ]
        }),
      },
    ],
    figures: {
      'no-op sink, 1 worker': { value: rate('1 x 2000'), unit: 'records/s', better: 'more' },
      'no-op sink, 4 workers': { value: rate('4 x 2000'), unit: 'records/s', better: 'more' },
      'no-op sink, 4 workers / 1': {
        value: rate('4 x 2000') / rate('1 x 2000'),
        unit: 'x',
        better: 'more',
      },
    },
    remarks: [
      'The no-op part is timed from the resume of a paused pipeline, with all worker processes on the roster, to the last checkpoint; a worker sees a resume at its next look, once a second, and that is in "records/s".',
      'The shards hold different numbers of records; worker processes, producer and server share the machine.',
    ],
  }
}

/** What the rounds had, once where they agree. */
function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(' or ')
}

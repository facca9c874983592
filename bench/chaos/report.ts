import type { Table } from '../support/table.ts'
import { findFaults } from './judge.ts'
import type { ChaosResult } from './run-chaos.ts'
import type { Gap, TakeOver } from './track-progress.ts'

/** A run as tables, for people. */
export function toTables(result: ChaosResult): Table[] {
  const { count, faults, progress } = result
  const letters = count.letters.reduce((sum, one) => sum + one.letters, 0)
  const archives = Object.values(count.archives)
  const files = archives.reduce((sum, one) => sum + one.files, 0)
  return [
    {
      title: `The ledger: ${count.log.acked.toLocaleString('en')} records acknowledged, ${count.log.stored.toLocaleString('en')} stored, of them ${count.log.storedTwice} twice as the appender put them again`,
      columns: ['pipeline', 'processed', 'lost', 'repeated', 'foreign', 'out of order'],
      rows: count.tallies.map(({ pipeline, processed, lost, repeated, foreign, outOfOrder }) => [
        pipeline,
        processed,
        lost,
        repeated,
        foreign,
        outOfOrder ?? Number.NaN,
      ]),
    },
    {
      title: `What else must be 0, of ${letters} dead letters that were redriven, ${files} files and ${count.knowledge.patterns} patterns`,
      columns: ['what', 'times'],
      rows: findFaults(count),
    },
    {
      title: 'What was done to it',
      columns: ['fault', 'times'],
      rows: Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1)),
    },
    {
      title: 'How long things took',
      columns: ['what', 'value', 'about'],
      rows: [
        ...takeOverRows(progress.takeOvers),
        ['leases nobody took: nothing left in their shards', String(progress.notTaken), ''],
        ['longest outage of PostgreSQL', seconds(progress.outage.ms), begunAt(progress.outage)],
        ...Object.entries(progress.gaps).flatMap(([name, { whole, served }]) => [
          [
            `longest time without a commit though there was work, ${name}`,
            seconds(whole.ms),
            begunAt(whole),
          ],
          ['  while PostgreSQL answered', seconds(served.ms), begunAt(served)],
        ]),
        ...Object.entries(progress.stalls).map(([name, stall]) => [
          `longest that one shard stood still, ${name}`,
          seconds(stall.ms),
          `shard id ${stall.shardId}, ${begunAt(stall)}`,
        ]),
        ['longest put of the appender', seconds(result.longestPutMs), ''],
        ['catching up at the end', seconds(result.catchUpMs ?? Number.NaN), ''],
        [
          'records a second, through each pipeline',
          Math.round(count.log.stored / result.seconds).toLocaleString('en'),
          '',
        ],
        ['greatest resident set of a worker', `${result.workerPeakMib.toFixed(0)} MiB`, ''],
        ['longest start of a worker', seconds(result.longestStartMs), ''],
        ['starts of workers that failed', String(result.failedStarts), 'PostgreSQL was away'],
      ],
    },
  ]
}

function takeOverRows(takeOvers: readonly TakeOver[]): string[][] {
  const causes = [...new Set(takeOvers.map(({ cause }) => cause))].sort()
  return causes.flatMap((cause) =>
    [false, true].flatMap((withOutage) => {
      const own = takeOvers.filter((one) => one.cause === cause && one.withOutage === withOutage)
      const longest = own.reduce((most, { ms }) => Math.max(most, ms), 0)
      if (own.length === 0) return []
      const name = `longest take-over after: ${cause}${withOutage ? ', PostgreSQL away' : ''}`
      return [[name, seconds(longest), `of ${own.length}`]]
    }),
  )
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : '-'
}

function begunAt({ atMs }: Gap): string {
  return `from ${seconds(atMs)} on`
}

import type { Table } from '../support/table.ts'
import { findFaults } from './judge.ts'
import type { ChaosResult } from './run-chaos.ts'
import type { TakeOver } from './track-progress.ts'

/** A run as tables, for people: what became of the records, and how long things took. */
export function toTables({ count, progress }: ChaosResult): Table[] {
  return [
    {
      title: 'The ledger: records, by pipeline',
      columns: ['pipeline', 'processed', 'lost', 'repeated', 'made up', 'out of order'],
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
      title: 'Longest times that a pipeline with work stood still',
      columns: ['pipeline', 'no commit', 'while PostgreSQL answered', 'one shard, and when'],
      rows: Object.entries(progress.gaps).map(([name, { whole, served }]) => {
        const stall = progress.stalls[name]
        const where = `${seconds(stall?.ms)}, shard id ${stall?.shardId}, from ${seconds(stall?.atMs)} on`
        return [name, seconds(whole.ms), seconds(served.ms), where]
      }),
    },
    {
      title: 'Take-overs of a shard',
      columns: ['after', 'longest', 'longest while workable', 'of'],
      rows: takeOverRows(progress.takeOvers),
    },
  ]
}

/** The rest of it, a line each. */
export function toLines(result: ChaosResult): string[] {
  const { count, faults, progress } = result
  const { log, knowledge } = count
  const archives = Object.values(count.archives)
  const sum = <T>(items: readonly T[], read: (item: T) => number) =>
    items.reduce((total, item) => total + read(item), 0)
  const list = (items: readonly (readonly [unknown, unknown])[]) =>
    items.map(([value, what]) => `${value} ${what}`).join(' · ')
  return [
    `Must be 0: ${list(findFaults(count).map(([what, times]) => [times, what]))}`,
    `Beside them: ${list([
      [log.acked, 'records acknowledged'],
      [log.storedTwice, 'stored twice, as the appender put them again'],
      [sum(count.letters, (one) => one.letters), 'dead letters, redriven'],
      [sum(archives, (one) => one.files), 'files archived'],
      [sum(archives, (one) => one.leftovers), 'left behind by what was not committed'],
      [sum(archives, (one) => one.unlisted), 'in no manifest yet'],
      [knowledge.patterns, 'patterns'],
      [count.events.outOfReach, 'lines of traces out of reach at a take-over'],
    ])}`,
    `Done to it: ${Object.entries(faults)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, times]) => `${name} ${times}`)
      .join(' · ')}`,
    `Times: PostgreSQL away ${seconds(progress.outage.ms)} at most · a put of the appender ${seconds(result.longestPutMs)} at most · ${Math.round(log.stored / result.seconds)} records a second · caught up in ${seconds(result.catchUpMs ?? undefined)} · workers: started in ${seconds(result.longestStartMs)} at most, ${result.failedStarts} starts failed, ${result.workerPeakMib.toFixed(0)} MiB at most · leases that nobody had to take ${progress.notTaken}`,
  ]
}

function takeOverRows(takeOvers: readonly TakeOver[]): string[][] {
  const causes = [...new Set(takeOvers.map(({ cause }) => cause))].sort()
  return causes.flatMap((cause) =>
    [false, true].flatMap((withOutage) => {
      const own = takeOvers.filter((one) => one.cause === cause && one.withOutage === withOutage)
      if (own.length === 0) return []
      const name = `${cause}${withOutage ? ', PostgreSQL away' : ''}`
      const longest = Math.max(...own.map(({ ms }) => ms))
      const workable = Math.max(...own.map(({ workableMs }) => workableMs))
      return [[name, seconds(longest), seconds(workable), String(own.length)]]
    }),
  )
}

function seconds(ms = Number.NaN): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : '-'
}

import type { RunCount } from './count-run.ts'
import type { ChaosResult } from './run-chaos.ts'

/** What must not be, in words, and how often it was: the ledger's second table. */
export function findFaults(count: RunCount): [what: string, times: number][] {
  const { log, letters, knowledge } = count
  const archives = Object.values(count.archives)
  const sum = <T>(items: readonly T[], read: (item: T) => number) =>
    items.reduce((total, item) => total + read(item), 0)
  return [
    ['records acknowledged and not in the stream', log.lostByLog],
    ['records in the stream more often than put', log.invented],
    ['entries with a vector that is not their text’s', count.wrongVectors],
    ['keys whose windows do not add up', count.wrongWindows],
    ['poison that is no dead letter', sum(letters, ({ missing }) => missing)],
    ['poison that was processed before it was mended', sum(letters, ({ early }) => early)],
    ['dead letters twice', sum(letters, ({ twice }) => twice)],
    ['dead letters that are no poison', sum(letters, ({ others }) => others) + count.otherLetters],
    ['dead letters left when they were redriven', count.lettersLeft],
    ['archived files that are not what their row says', sum(archives, (one) => one.wrongFiles)],
    ['files in a manifest and not committed', sum(archives, ({ uncommitted }) => uncommitted)],
    ['events that are not their lines’', count.events.wrongBodies],
    ['stack traces torn apart', count.events.torn],
    ['events with a secret in them', knowledge.secrets],
    ['counts of events that are not theirs', knowledge.wrongCounts],
    ['events without a pattern', knowledge.eventsWithoutPattern],
    ['patterns without their vector', knowledge.wrongVectors],
  ]
}

/** What is wrong with a run, a line each; none when it is clean. */
export function judge(
  result: Pick<ChaosResult, 'count' | 'problems' | 'catchUpMs' | 'behind'>,
): string[] {
  const { count, problems, catchUpMs, behind } = result
  const verdicts = count.tallies.flatMap(({ pipeline, ...tally }) => {
    const wrong: [times: number | null, what: string][] = [
      [tally.lost, catchUpMs === null ? 'not processed in time' : 'lost'],
      [tally.repeated, 'repeated'],
      [tally.foreign, 'made of nothing that the stream holds'],
      [tally.outOfOrder, 'out of the order of their key'],
    ]
    return wrong
      .filter(([times]) => (times ?? 0) > 0)
      .map(([times, what]) => `${pipeline}: ${times} records ${what}`)
  })
  for (const [what, times] of findFaults(count)) if (times > 0) verdicts.push(`${times} ${what}`)
  if (catchUpMs === null) verdicts.push(`the workers did not catch up: ${describe(behind)}`)
  if (count.log.acked === 0) verdicts.push('nothing was appended, so nothing was proved')
  return [...verdicts, ...problems]
}

function describe(behind: Record<string, number>): string {
  return Object.entries(behind)
    .map(([name, records]) => `${name} ${records}`)
    .join(', ')
}

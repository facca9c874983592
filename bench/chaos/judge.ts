import type { ChaosResult } from './run-chaos.ts'

/** What is wrong with a run, a line each; none when it is clean. */
export function judge(
  result: Pick<ChaosResult, 'count' | 'problems' | 'catchUpMs' | 'behind'>,
): string[] {
  const { count, problems, catchUpMs, behind } = result
  const wrong: [count: number, what: string][] = [
    [count.lostByLog, 'acknowledged and not in the stream'],
    [count.invented, 'in the stream more often than put'],
    [count.lost, catchUpMs === null ? 'not processed in time' : 'lost: not in the ledger'],
    [count.repeated, 'in the ledger more than once'],
    [count.foreign, 'in the ledger and not in the stream'],
    [count.outOfOrder, 'committed after a later record of their key'],
    [count.wrongVectors, 'with a vector that is not their text’s'],
  ]
  const verdicts = wrong
    .filter(([records]) => records > 0)
    .map(([records, what]) => `${records} records ${what}`)
  if (count.wrongWindows > 0)
    verdicts.push(`windows of ${count.wrongWindows} keys do not add up to what the stream holds`)
  if (count.deadLetters > 0)
    verdicts.push(`${count.deadLetters} dead letters, though no record fails`)
  if (catchUpMs === null) verdicts.push(`the workers did not catch up: ${describe(behind)}`)
  if (count.acked === 0) verdicts.push('nothing was appended, so nothing was proved')
  return [...verdicts, ...problems]
}

function describe(behind: Record<string, number>): string {
  return Object.entries(behind)
    .map(([name, records]) => `${name} ${records}`)
    .join(', ')
}

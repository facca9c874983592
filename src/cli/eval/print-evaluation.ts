import type { Outcome } from '../../query/evaluation/evaluate.ts'
import type { EvaluationReport, Ranking } from '../../query/evaluation/summarise-outcomes.ts'

/** Prints the report as a table: a row for each style of question and method. */
export function printEvaluation(report: EvaluationReport & { lines: number }): void {
  const { counts, refusals, latencyMs: ms } = report
  console.log(`${report.questions} questions about ${report.lines.toLocaleString('en')} lines\n`)
  console.log('questions             n  method     R@1   R@5  R@10   MRR')
  const ranked = report.rows.reduce((sum, row) => sum + row.questions, 0)
  for (const row of [{ name: 'all', questions: ranked, methods: report.methods }, ...report.rows])
    for (const [method, ranking] of Object.entries(row.methods))
      console.log(
        `${row.name.padEnd(16)} ${String(row.questions).padStart(6)}  ${method.padEnd(8)} ${format(ranking)}`,
      )
  console.log(`
counts exact        ${counts.exact} of ${counts.asked}
absent, refused     ${refusals.right} of ${refusals.absent}
there, but refused  ${refusals.wrong} of ${refusals.answerable}
an answer takes     p50 ${ms.p50.toFixed(0)} ms, p99 ${ms.p99.toFixed(0)} ms, at most ${ms.max.toFixed(0)} ms`)
}

function format({ recallAt1, recallAt5, recallAt10, mrr }: Ranking): string {
  return [recallAt1, recallAt5, recallAt10, mrr]
    .map((value) => value.toFixed(2).padStart(5))
    .join(' ')
}

/** What was wrong with an answer, in a line; nothing where it was right. */
export function describeMiss(outcome: Outcome): string[] {
  const { kind, question, rank, found, count, expected } = outcome
  const told = (what: string) => [`${kind.padEnd(6)} ${what.padEnd(24)} ${question}`]
  if (kind === 'absent') return found ? told('found what is not there') : []
  if (expected !== null)
    return (count ?? 0) === expected ? [] : told(`${count ?? 'no number'}, not ${expected}`)
  if (rank === null) return told(found ? 'not shown' : 'refused')
  return rank === 1 ? [] : told(`at place ${rank}`)
}

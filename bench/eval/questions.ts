// `npm run eval -- questions [--part tune|report] [--guard]`: the project's own questions, asked of its own logs.
//
// Writes the logs and questions of examples/incident/questions into a temporary folder and runs `millrace eval` on them, as
// a user would: in a scratch database, embedded or on the server of DATABASE_URL. Settings are chosen on the part `tune`;
// `report` is what is published, and what --guard holds against bench/eval/floor.json: CI fails where it got worse.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { type Part, parts } from '../../examples/incident/read-questions.ts'
import { writeEval } from '../../examples/incident/write-eval.ts'
import { printEvaluation } from '../../src/cli/eval/print-evaluation.ts'
import type { EvaluationReport } from '../../src/query/evaluation/summarise-outcomes.ts'

type Report = EvaluationReport & { lines: number }

/** The least that each figure of the report part may be. */
type Floor = Record<string, number>

export function addQuestions(program: Command): void {
  program
    .command('questions')
    .description('Asks the project’s own questions of its own logs, and reports beside BM25.')
    .option('--part <name>', `${parts.join(' or ')}; both unless named`)
    .option('--guard', 'fail where a figure of the report part is below bench/eval/floor.json')
    .action(async ({ part, guard }: { part?: string; guard?: true }) => {
      const wanted = parts.filter((known) => part === undefined || part === known)
      if (wanted.length === 0) throw new Error(`expected --part ${parts.join(' or ')}, got ${part}`)
      for (const name of guard ? (['report'] as const) : wanted) {
        const report = await evaluatePart(name)
        console.log(`\n== ${name}`)
        printEvaluation(report)
        if (guard) await holdAgainstFloor(report)
      }
    })
}

async function evaluatePart(part: Part): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-eval-'))
  try {
    writeEval(folder, { part })
    const bin = new URL('../../src/cli/bin.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [bin, 'eval', folder, '--json'],
      { maxBuffer: 1 << 28 },
    )
    return JSON.parse(stdout) as Report
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function holdAgainstFloor(report: Report): Promise<void> {
  const floor = JSON.parse(await readFile(new URL('floor.json', import.meta.url), 'utf8')) as Floor
  const figures = figuresOf(report)
  const lower = Object.entries(floor).filter(([name, least]) => !((figures[name] ?? 0) >= least))
  for (const [name, least] of lower)
    console.error(`${name}: expected at least ${least}, got ${(figures[name] ?? 0).toFixed(3)}`)
  if (lower.length > 0) process.exitCode = 1
  else console.log(`\nno figure is below its floor (${Object.keys(floor).length} of them)`)
}

function figuresOf({ methods, rows, counts, refusals }: Report): Floor {
  const figures: Floor = {
    'counts exact': counts.exact / Math.max(1, counts.asked),
    'absent refused': refusals.right / Math.max(1, refusals.absent),
    'there and answered': 1 - refusals.wrong / Math.max(1, refusals.answerable),
  }
  for (const row of [{ name: 'all', methods }, ...rows])
    for (const [figure, value] of Object.entries(row.methods.millrace))
      figures[`${row.name} ${figure}`] = value
  return figures
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type EvalLine, evalLines } from './eval-lines.ts'
import { expandGold } from './expand-gold.ts'
import { type Part, parts, type Question, readQuestions } from './read-questions.ts'

const defaultNow = '2026-03-04T15:00:00.000Z'

/** What `millrace eval` reads, a line each: a question and its right answer, as lines or as a number. */
function expand(question: Question, lines: readonly EvalLine[]): string {
  const { question: text, kind, style, now = defaultNow } = question
  const gold =
    question.kind === 'find' || question.kind === 'top'
      ? expandGold(question.gold, lines).map(({ line }) => line)
      : question.gold
  return JSON.stringify({ question: text, kind, style, now, gold })
}

/**
 * Writes the logs of both data sets and the questions about them: `folder`/logs/* and `folder`/questions.jsonl. Without a
 * part, the questions of both.
 */
export function writeEval(folder: string, options: { part?: Part } = {}): void {
  const lines = evalLines()
  mkdirSync(join(folder, 'logs'), { recursive: true })
  for (const [file, own] of Map.groupBy(lines, ({ file }) => file)) {
    writeFileSync(join(folder, 'logs', file), own.map(({ line }) => `${line}\n`).join(''))
  }
  const asked = options.part === undefined ? parts : [options.part]
  const questions = asked.flatMap(readQuestions).map((question) => expand(question, lines))
  writeFileSync(join(folder, 'questions.jsonl'), `${questions.join('\n')}\n`)
}

// Not `import.meta.main`, which the oldest Node that Millrace runs on does not know.
if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { part: { type: 'string' } },
  })
  const [folder] = positionals
  const part = parts.find((known) => known === values.part)
  if (folder === undefined || (values.part !== undefined && part === undefined)) {
    console.error('usage: node examples/incident/write-eval.ts DIR [--part tune|report]')
    process.exitCode = 2
  } else {
    writeEval(folder, part === undefined ? {} : { part })
  }
}

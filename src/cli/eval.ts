import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { MillraceError, messageOf } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { createProducer } from '../log/producer.ts'
import { parseRecord } from '../pipeline/steps/parse/parse-record.ts'
import { redactText } from '../pipeline/steps/redact/redact-text.ts'
import { readRedactionSalt } from '../pipeline/steps/redact/redaction-salt.ts'
import { type EvaluationLine, evaluate, type Outcome } from '../query/evaluation/evaluate.ts'
import { readQuestions } from '../query/evaluation/read-questions.ts'
import { summariseOutcomes } from '../query/evaluation/summarise-outcomes.ts'
import { indexWhatIsLeft } from './ask.ts'
import { createAskDeps } from './asking.ts'
import { createAssistant } from './assistant.ts'
import { describeMiss, printEvaluation } from './eval/print-evaluation.ts'
import { createProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'

const stream = 'eval'
const batchLines = 500

interface EvalOptions {
  json?: boolean
  misses?: boolean
  timeZone: string
}

export function registerEval(program: Command): void {
  program
    .command('eval <dir>')
    .description('measure answers: index the logs of a folder and ask what is known to be in them')
    .option('--json', 'print JSON, with what came of each question')
    .option('--misses', 'list the questions that were answered wrongly')
    .option('--time-zone <zone>', 'zone of the times in the questions', 'UTC')
    .addHelpText(
      'after',
      `
The folder has logs/ (files of lines, one record a line) and questions.jsonl, one question a line:
  {"question": "why can nobody log in?", "kind": "find", "gold": ["a line that answers it", ...]}
  {"question": "how many timeouts around 14:32?", "kind": "count", "gold": 17}
  kind    find, top (gold: lines, any of which is right), count (gold: a number), absent (no gold)
  now     what "now" means in it; default: the newest line's time
  style   a row of its own in the report
It runs in a scratch database of its own: on the server of DATABASE_URL, else embedded.

Example:
  millrace eval ./my-questions --misses`,
    )
    .action((dir: string, options: EvalOptions) =>
      withSession((session) => evaluateFolder(session, dir, options), { scratch: true }),
    )
}

async function evaluateFolder(session: Session, dir: string, options: EvalOptions): Promise<void> {
  const { pool, signal } = session
  const questions = readQuestions(await readText(join(dir, 'questions.jsonl')))
  const lines = await appendLogs(session, join(dir, 'logs'))
  await using assistant = await createAssistant(session)
  await indexWhatIsLeft(session, assistant)
  const salt = await readRedactionSalt(session)
  const { rows } = await pool.query<{ newest: Date | null }>(
    'select max(last_at) as newest from millrace.event_count',
  )
  const progress = createProgress('ask', questions.length, 'questions')
  const outcomes: Outcome[] = []
  const redact = (line: string) => redactText(line, { salt }).text
  const input = {
    questions,
    lines,
    redact,
    bodyOf: (line: string) =>
      redact(
        parseRecord({ data: Buffer.from(line), arrivedAt: new Date(), partitionKey: '' }).body,
      ),
    now: new Date((rows[0]?.newest ?? new Date()).getTime() + 1),
    timeZone: options.timeZone,
  }
  await evaluate(createAskDeps(session, assistant, { useModel: false }), input, {
    signal,
    onOutcome: (outcome) => progress.update(outcomes.push(outcome), outcomes.length),
  })
  progress.finish(`asked ${outcomes.length} of ${questions.length} questions`)
  const report = { lines: lines.length, ...summariseOutcomes(outcomes) }
  if (options.json) console.log(JSON.stringify({ ...report, outcomes }, null, 2))
  else {
    printEvaluation(report)
    if (options.misses) for (const line of outcomes.flatMap(describeMiss)) console.log(line)
  }
  if (outcomes.length < questions.length) process.exitCode = 1
}

/** Appends each file in its own order under its own name, as `put` does; returns which line became which record. */
async function appendLogs(session: Session, folder: string): Promise<EvaluationLine[]> {
  const files = await listFiles(folder)
  await createStream(session, { name: stream })
  await using producer = createProducer(session)
  const stored: EvaluationLine[] = []
  for (const file of files) {
    const partitionKey = basename(file).slice(0, 256)
    const lines = (await readText(file)).split(/\r?\n/).filter((line) => line !== '')
    for (let at = 0; at < lines.length; at += batchLines) {
      const batch = lines.slice(at, at + batchLines)
      const records = batch.map((line) => ({ partitionKey, data: Buffer.from(line) }))
      for (const [index, result] of (await producer.put(stream, records)).entries()) {
        if (!result.ok) throw result.error
        const { shard, sequence } = result
        stored.push({ stream, shard, sequence, text: batch[index] ?? '' })
      }
    }
  }
  if (stored.length === 0)
    throw new MillraceError('invalid_argument', `expected lines in ${folder}, found none`)
  return stored
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(
    (error: unknown) => {
      throw new MillraceError(
        'invalid_argument',
        `expected a folder of log files at ${folder}: ${messageOf(error)}`,
      )
    },
  )
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new MillraceError('invalid_argument', `cannot read ${file}: ${messageOf(error)}`)
  })
}

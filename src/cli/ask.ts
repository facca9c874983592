import { type Command, InvalidArgumentError } from 'commander'
import { isMillraceError, MillraceError } from '../base/errors.ts'
import { catchUp } from '../pipeline/catch-up.ts'
import { readLag } from '../pipeline/lag.ts'
import { logsPipelineName } from '../pipeline/logs-pipeline.ts'
import { ask } from '../query/ask.ts'
import { createAskDeps } from './asking.ts'
import { type Assistant, createAssistant } from './assistant.ts'
import { loadLogsPipeline } from './load-pipelines.ts'
import { printAnswer } from './print-answer.ts'
import { createProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'

interface AskOptions {
  stream?: string
  now?: Date
  timeZone?: string
  model: boolean
  index: boolean
  json?: boolean
}

function moment(text: string): Date {
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('expected a time such as 2026-11-23T14:32:00Z.')
  return at
}

export function registerAsk(program: Command): void {
  program
    .command('ask <question...>')
    .description('answer a question from what is in the streams, with citations')
    .option('-s, --stream <name>', 'search this stream only')
    .option(
      '--now <time>',
      'what "now" means in the question (default: the database clock)',
      moment,
    )
    .option('--time-zone <zone>', "zone of the times in the question (default: this process' own)")
    .option('--no-model', 'answer with an extract even where a model is configured')
    .option('--no-index', 'do not index first what no worker has indexed yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace ask "why did payments fail in the last 30 minutes?"
  millrace ask --json "how many errors around 14:32?" | jq .count`,
    )
    .action((words: string[], options: AskOptions) =>
      withSession(async (session) => {
        const question = words.join(' ').trim()
        if (question === '') throw new MillraceError('invalid_argument', 'expected a question')
        await using assistant = await createAssistant(session)
        if (options.index) await indexWhatIsLeft(session, assistant)
        const { stream, now, timeZone } = options
        const answer = await ask(createAskDeps(session, assistant, { useModel: options.model }), {
          question,
          ...(stream === undefined ? {} : { stream }),
          ...(now === undefined ? {} : { now }),
          ...(timeZone === undefined ? {} : { timeZone }),
          signal: session.signal,
        })
        if (options.json) console.log(JSON.stringify(answer, null, 2))
        else printAnswer(answer)
      }),
    )
}

/** Indexes, with a bar, what is in the log and held by no worker, so that a question sees all of it. */
export async function indexWhatIsLeft(session: Session, assistant: Assistant): Promise<number> {
  const lag = await readLag(session, logsPipelineName)
  let behind = 0
  for (const stream of lag) behind += stream.behind
  let records = 0
  const pipeline = await loadLogsPipeline(session.config.configFile)
  if (behind > 0 && pipeline) {
    const started = performance.now()
    const progress = createProgress('index', behind, 'lines')
    const deps = { ...session, embedding: assistant.embedding }
    records = await catchUp(deps, pipeline, {
      signal: session.signal,
      onProgress: (done) => progress.update(done, done),
    })
    const seconds = (performance.now() - started) / 1000
    progress.finish(
      `indexed ${records.toLocaleString('en')} lines in ${seconds.toFixed(1)} s (${Math.round(records / Math.max(seconds, 0.001)).toLocaleString('en')}/s)`,
    )
  }
  await assistant.embedMissing(session.signal).catch((error: unknown) => {
    if (!isMillraceError(error, 'embedder_unavailable')) throw error
    process.stderr.write(`answering by words and names alone: ${error.message}\n`)
  })
  return records
}

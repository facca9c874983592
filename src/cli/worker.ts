import type { Command } from 'commander'
import { aborted } from '../base/aborted.ts'
import { wait } from '../base/backoff.ts'
import { isMillraceError, messageOf } from '../base/errors.ts'
import { findUnknownPipelines } from '../pipeline/find-unknown-pipelines.ts'
import { isCaughtUp } from '../pipeline/is-caught-up.ts'
import { startWorker, type Worker } from '../pipeline/worker.ts'
import { type Assistant, createAssistant } from './assistant.ts'
import { loadPipelines } from './load-pipelines.ts'
import { type Session, withSession } from './session.ts'

export function registerWorker(program: Command): void {
  program
    .command('worker')
    .description('index streams until stopped; run as many as you like, on any machine')
    .option(
      '--config <file>',
      'the file that defines pipelines (default: millrace.config.ts, if any)',
    )
    .option('--once', 'stop when nothing is left to work and every window is closed')
    .addHelpText(
      'after',
      `
Examples:
  DATABASE_URL=postgres://localhost/logs millrace worker
  millrace worker --config pipelines/millrace.config.ts`,
    )
    .action((options: { config?: string; once?: boolean }) =>
      withSession(async (session) => {
        await using assistant = await createAssistant(session)
        await using worker = await startIndexing(session, assistant, options.config)
        process.stderr.write(`worker ${process.pid} is indexing (${session.database.engine})\n`)
        if (options.once) await caughtUp(session, worker.pipelines)
        else await aborted(session.signal)
      }),
    )
}

/**
 * Starts a worker for the configured pipelines, and loads the model meanwhile: the first new pattern does not wait for it.
 * Says what it does not run, and why: definitions that were refused, and pipelines with work that nobody knows.
 */
export async function startIndexing(
  session: Session,
  assistant: Assistant,
  configFile: string | undefined,
): Promise<Worker> {
  const pipelines = await loadPipelines(configFile ?? session.config.configFile)
  assistant.embedder.warm?.().catch((error: unknown) => {
    // Whoever has nothing to embed may be done before it is loaded.
    if (!isMillraceError(error, 'aborted'))
      session.logger.warn({ error: messageOf(error) }, 'embedder.not_ready')
  })
  const worker = await startWorker(
    { ...session, embedding: assistant.embedding },
    {
      pipelines,
      concurrency: session.config.concurrency,
      eventRetentionHours: session.config.eventRetentionHours,
      upkeep: async () => {
        await assistant.embedMissing(session.signal)
      },
    },
  )
  for (const { error } of worker.refused) process.stderr.write(`not run: ${error.message}\n`)
  for (const { name, behind } of await findUnknownPipelines(session, worker))
    process.stderr.write(
      `not run: pipeline "${name}" has ${behind} records to work and no worker knows it; add its definition, or: millrace pipeline delete ${name}\n`,
    )
  return worker
}

async function caughtUp(session: Session, pipelines: readonly string[]): Promise<void> {
  // Twice in a row: what one pipeline has just put into another's stream is work too.
  for (let quiet = 0; quiet < 2 && !session.signal.aborted; ) {
    await wait(500, session.signal)
    quiet = (await isCaughtUp(session, pipelines)) ? quiet + 1 : 0
  }
}

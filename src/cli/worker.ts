import type { Command } from 'commander'
import { aborted } from '../base/aborted.ts'
import { messageOf } from '../base/errors.ts'
import { startWorker, type Worker } from '../pipeline/worker.ts'
import { type Assistant, createAssistant } from './assistant.ts'
import { type Session, withSession } from './session.ts'

export function registerWorker(program: Command): void {
  program
    .command('worker')
    .description('index streams until stopped; run as many as you like, on any machine')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://localhost/logs millrace worker')
    .action(() =>
      withSession(async (session) => {
        await using assistant = await createAssistant(session)
        await using _worker = await startIndexing(session, assistant)
        process.stderr.write(`worker ${process.pid} is indexing (${session.database.engine})\n`)
        await aborted(session.signal)
      }),
    )
}

/** Starts a worker for the logs pipeline, and loads the model meanwhile: the first new pattern does not wait for it. */
export function startIndexing(session: Session, assistant: Assistant): Promise<Worker> {
  assistant.embedder.warm?.().catch((error: unknown) => {
    session.logger.warn({ error: messageOf(error) }, 'embedder.not_ready')
  })
  return startWorker(session, {
    pipelines: [assistant.pipeline],
    concurrency: session.config.concurrency,
    upkeep: async () => {
      await assistant.embedMissing(session.signal)
    },
  })
}

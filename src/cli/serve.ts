import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError } from 'commander'
import { aborted } from '../base/aborted.ts'
import { isMillraceError } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { createProducer } from '../log/producer.ts'
import { neighbours } from '../query/neighbours.ts'
import { startServer } from '../server/server.ts'
import { createAskPort, readStatus } from './asking.ts'
import { createAssistant } from './assistant.ts'
import { withSession } from './session.ts'
import { startIndexing } from './worker.ts'

/** More than the server holds of bodies at once, so that a request which was let in finds room. */
const maxBufferedBytes = 96 * 1024 * 1024

function port(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('expected a port from 0 to 65535.')
  return number
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('take logs and answer questions over HTTP, and index, in one process')
    .option('--host <address>', 'where to listen (default: MILLRACE_HOST or 127.0.0.1)')
    .option('-p, --port <port>', 'port to listen on (default: MILLRACE_PORT or 4318)', port)
    .option('--no-index', 'leave indexing to other workers')
    .option(
      '--config <file>',
      'the file that defines pipelines (default: millrace.config.ts, if any)',
    )
    .addHelpText(
      'after',
      `
Example:
  millrace serve --port 4318
  curl -H 'content-type: application/x-ndjson' --data-binary @lines.ndjson http://127.0.0.1:4318/streams/logs/records`,
    )
    .action((options: { host?: string; port?: number; index: boolean; config?: string }) =>
      withSession(async (session) => {
        const { config, database, pool, logger } = session
        await createStream({ pool }, { name: 'logs' }).catch((error: unknown) => {
          if (!isMillraceError(error, 'already_exists')) throw error
        })
        await using assistant = await createAssistant(session)
        await using _worker = options.index
          ? await startIndexing(session, assistant, options.config)
          : undefined
        await using producer = createProducer({ pool, logger }, { maxBufferedBytes })
        await using server = await startServer(
          {
            pool,
            logger,
            producer,
            ask: createAskPort(session, assistant),
            status: () => readStatus(session, assistant),
            neighbours: (citation, around) => neighbours({ pool }, citation, around),
            webDir: fileURLToPath(new URL('../web', import.meta.url)),
          },
          { host: options.host ?? config.host, port: options.port ?? config.port },
        )
        process.stderr.write(
          `millrace serves ${server.url} (${database.engine}); stop it with Ctrl-C\n`,
        )
        await aborted(session.signal)
        process.stderr.write('stopping: finishing what is under way\n')
      }),
    )
}

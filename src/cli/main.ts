import { Command, CommanderError } from 'commander'
import { isMillraceError, messageOf } from '../base/errors.ts'
import { registerAsk } from './ask.ts'
import { registerDemo } from './demo.ts'
import { registerMigrate } from './migrate.ts'
import { registerPut } from './put.ts'
import { registerServe } from './serve.ts'
import { registerStream } from './stream.ts'
import { registerTail } from './tail.ts'
import { readVersion } from './version.ts'
import { registerWorker } from './worker.ts'

/** Runs one command line; returns the exit code: 0 done, 1 it failed, 2 it was asked wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('millrace')
    .description('One Postgres holds your log, your vectors and your answers.')
    .version(readVersion())
    .helpCommand(false)
    .showHelpAfterError('(add --help for usage and an example)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Environment:
  DATABASE_URL             PostgreSQL 15+ with pgvector; unset: the embedded engine in ./.millrace
  MILLRACE_DIR             where the embedded engine keeps its data
  OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL
                           a model that writes answers; unset: extractive answers
  OPENAI_EMBEDDING_MODEL   an embedding model of the same provider; unset: the built-in one

Start with: millrace demo`,
    )
  for (const register of [
    registerDemo,
    registerServe,
    registerWorker,
    registerPut,
    registerTail,
    registerAsk,
    registerStream,
    registerMigrate,
  ])
    register(program)
  try {
    await program.parseAsync(argv)
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`millrace: ${messageOf(error)}\n`)
    return isMillraceError(error, 'invalid_argument', 'not_found', 'already_exists') ? 2 : 1
  }
}

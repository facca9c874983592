import { Command, CommanderError } from 'commander'
import { isMillraceError, messageOf } from '../base/errors.ts'
import { readVersion } from './version.ts'

/** The commands, each loaded only when it is asked for: all of them together take a second to load. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  demo: async () => (await import('./demo.ts')).registerDemo,
  serve: async () => (await import('./serve.ts')).registerServe,
  worker: async () => (await import('./worker.ts')).registerWorker,
  put: async () => (await import('./put.ts')).registerPut,
  tail: async () => (await import('./tail.ts')).registerTail,
  ask: async () => (await import('./ask.ts')).registerAsk,
  search: async () => (await import('./search.ts')).registerSearch,
  eval: async () => (await import('./eval.ts')).registerEval,
  patterns: async () => (await import('./patterns.ts')).registerPatterns,
  stream: async () => (await import('./stream.ts')).registerStream,
  pipeline: async () => (await import('./pipeline.ts')).registerPipeline,
  migrate: async () => (await import('./migrate.ts')).registerMigrate,
}

/** The named one; none for the version; all for help and for a name that needs a suggestion. */
function commandsFor(name: string | undefined) {
  if (name === '--version' || name === '-V') return []
  const named = name === undefined ? undefined : commands[name]
  return named ? [named] : Object.values(commands)
}

/** What is wrong with the request itself: sent again unchanged it fails again. */
const wrongRequests = [
  'invalid_argument',
  'not_found',
  'already_exists',
  'iterator_expired',
  'limit_exceeded',
] as const

/** The command line, with the named command or, for any other name, with all of them. */
export async function createProgram(name?: string): Promise<Command> {
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
  MILLRACE_CONFIG          the file that defines pipelines; unset: ./millrace.config.ts, if any
  OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL
                           a model that writes answers; unset: extractive answers
  OPENAI_EMBEDDING_MODEL   an embedding model of the same provider; unset: the built-in one
  OPENAI_EMBEDDING_BATCH   texts in one request to it; unset: 2048

Start with: millrace demo`,
    )
  for (const load of commandsFor(name)) (await load())(program)
  return program
}

/** Runs one command line; returns the exit code: 0 done, 1 it failed, 2 it was asked wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads our output may stop reading, as `head` does; that is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  const program = await createProgram(argv[2])
  try {
    await program.parseAsync(argv)
    return typeof process.exitCode === 'number' ? process.exitCode : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`millrace: ${messageOf(error)}\n`)
    return isMillraceError(error, ...wrongRequests) ? 2 : 1
  }
}

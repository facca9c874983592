import { runProcess } from '../support/run-process.ts'

export interface CommandResult {
  code: number | NodeJS.Signals
  out: string
  err: string
}

/** Runs command lines of `millrace` to their end, in that environment. */
export function commandRunner(environment: NodeJS.ProcessEnv) {
  return async (
    args: readonly string[],
    options: { input?: string | Buffer; env?: NodeJS.ProcessEnv } = {},
  ): Promise<CommandResult> => {
    const process = runProcess('src/cli/bin.ts', args, { ...environment, ...options.env })
    process.child.stdin?.end(options.input ?? '')
    const code = await process.exited
    return { code, out: process.output(), err: process.errors() }
  }
}

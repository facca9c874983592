import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface RunningProcess {
  child: ChildProcess
  /** Everything it wrote to stdout so far. */
  output: () => string
  errors: () => string
  /** Its exit code, or the signal that ended it. */
  exited: Promise<number | NodeJS.Signals>
}

/** Starts a TypeScript file of the project in a process of its own; it is killed when the test ends. */
export function runProcess(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): RunningProcess {
  const path = fileURLToPath(new URL(file, new URL('../../', import.meta.url)))
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0))
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return {
    child,
    output: () => Buffer.concat(output).toString(),
    errors: () => Buffer.concat(errors).toString(),
    exited,
  }
}

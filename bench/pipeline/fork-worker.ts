import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface ForkedWorker<R> {
  pid: number
  /** What the process says of its work so far. */
  report(): Promise<R>
  /** Ends it as a deployment does, and resolves when it is gone. */
  stop(): Promise<void>
}

/**
 * Starts a worker in a process of its own and resolves when it takes jobs. The file answers by `answerReports`; each line
 * of its log goes to `onLog`, by default to stderr.
 */
export async function forkWorker<R>(
  file: URL,
  args: readonly string[],
  options: { onLog?: (line: string) => void } = {},
): Promise<ForkedWorker<R>> {
  const { onLog = (line: string) => process.stderr.write(`${line}\n`) } = options
  const child = fork(file, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const exited = once(child, 'exit')
  if (child.stderr) createInterface({ input: child.stderr }).on('line', onLog)
  const next = async (): Promise<unknown> => {
    const ended = exited.then(([code]) => {
      throw new Error(`expected the worker process to run, it ended with ${code}`)
    })
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message
  }
  await next()
  return {
    pid: child.pid ?? 0,
    report: async () => {
      const answer = next()
      child.send('report')
      return (await answer) as R
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/**
 * The other side: says that it is ready, answers reports, and calls `stop` when it is to end, or when whoever started it
 * is gone.
 */
export function answerReports(report: () => object, stop: () => Promise<void>): void {
  let ending = false
  const end = async () => {
    // Disconnecting says "disconnect" here too.
    if (ending) return
    ending = true
    await stop()
    if (process.connected) process.disconnect()
  }
  process.once('SIGTERM', end).once('disconnect', end)
  process.on('message', () => process.send?.(report()))
  process.send?.('ready')
}

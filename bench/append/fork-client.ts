import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BenchLine } from '../support/lines.ts'
import type { FromChild, ToChild } from './child.ts'
import type { Turn } from './contender.ts'

/** A contender's client in its own process. */
export interface ForkedClient {
  turn(seconds: number): Promise<Turn>
  close(): Promise<void>
}

/** Starts the client of `file` in a process of its own; resolves when it is connected. */
export async function forkClient(
  options: { file: string; url: string; lines: readonly BenchLine[] },
  signal: AbortSignal,
): Promise<ForkedClient> {
  const child = fork(
    fileURLToPath(new URL('./child.ts', import.meta.url)),
    [options.file, options.url],
    { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  )
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    if (child.connected) child.disconnect()
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await exited
    clearTimeout(timer)
  }
  try {
    await ask(child, { lines: options.lines }, signal)
  } catch (error) {
    await close()
    throw error
  }
  return {
    turn: async (seconds) => {
      const reply = await ask(child, { seconds }, signal)
      if ('turn' in reply) return reply.turn
      throw new Error('expected a turn from the client, got something else')
    },
    close,
  }
}

/** Sends a message and waits for its answer; fails when the client ends or the run is interrupted. */
function ask(child: ChildProcess, message: ToChild, signal: AbortSignal): Promise<FromChild> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', onMessage)
      child.off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
    }
    const onMessage = (reply: FromChild) => {
      done()
      if ('error' in reply) reject(new Error(reply.error))
      else resolve(reply)
    }
    const onExit = (code: number | null, by: string | null) => {
      done()
      reject(new Error(`its client ended with ${by ?? code}`))
    }
    const onAbort = () => {
      done()
      reject(new Error('interrupted'))
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else child.send(message)
  })
}

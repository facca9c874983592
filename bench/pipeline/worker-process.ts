import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { watchProcesses } from '../support/memory.ts'

export interface WorkerProcess {
  pid: number
  /** Greatest resident set of the worker itself, in MiB; the model has a process of its own. */
  peakMib(): Promise<number>
  /** Greatest memory of the worker and the model together, in MiB. */
  peakWithModelMib(): number
  stop(): Promise<void>
}

/** `millrace worker` in a process of its own, as in production; resolves when it takes jobs. */
export async function startWorkerProcess(databaseUrl: string): Promise<WorkerProcess> {
  const program = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))
  const options = process.env.BENCH_WORKER_NODE_OPTIONS?.split(' ') ?? []
  const child = spawn(process.execPath, [...options, program, 'worker'], {
    env: { ...process.env, DATABASE_URL: databaseUrl, MILLRACE_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const { pid } = child
  if (pid === undefined) throw new Error('expected a worker process, got none')
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  exited.then(([code]) => reject(new Error(`the worker ended with ${code}`)), reject)
  child.stderr.on('data', (chunk: Buffer) => {
    if (chunk.includes('is indexing')) resolve()
    else process.stderr.write(chunk)
  })
  await ready
  const memory = watchProcesses(pid, 500)
  return {
    pid,
    peakMib: async () => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024
    },
    peakWithModelMib: memory.peakMib,
    stop: async () => {
      memory.stop()
      child.kill('SIGTERM')
      await exited
    },
  }
}

import type { Pool } from 'pg'
import { watchProcesses } from './memory.ts'

export interface MemoryWatch {
  /** The greatest resident set of this process meanwhile, MiB. */
  clientMib(): number
  /** The greatest memory of the server with its sessions meanwhile, MiB; NaN when it is not of this machine. */
  serverMib(): number
  [Symbol.dispose](): void
}

/** Watches this process and the server of a pool until it is disposed of, looking at both a few times a second. */
export async function watchMemory(pool: Pool): Promise<MemoryWatch> {
  const pid = await serverPid(pool)
  const server = pid === undefined ? undefined : watchProcesses(pid)
  let peak = process.memoryUsage.rss()
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 50)
  return {
    clientMib: () => peak / 1024 / 1024,
    serverMib: () => server?.peakMib() ?? Number.NaN,
    [Symbol.dispose]: () => {
      clearInterval(timer)
      server?.stop()
    },
  }
}

/** The postmaster's process id. Only a superuser may ask, and the embedded engine is no process of its own. */
async function serverPid(pool: Pool): Promise<number | undefined> {
  try {
    const { rows } = await pool.query<{ pid: string }>(
      `select split_part(pg_read_file('postmaster.pid'), chr(10), 1) as pid`,
    )
    const pid = Number(rows[0]?.pid)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

import { spawn } from 'node:child_process'
import { open, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { wait } from '../../src/base/backoff.ts'

export interface PostgresServer {
  /** Ends the postmaster with SIGKILL; its sessions follow when they notice. */
  kill(): Promise<void>
  /** Starts it again as it was started, by the same user; resolves when it answers. Fails after a minute. */
  start(): Promise<void>
}

const startMs = 60_000

/**
 * The PostgreSQL server of a URL, of this machine and to be killed (Linux only). What it says from the first `start` on
 * goes to `logFile`. We are its user, or root.
 */
export async function findPostgresServer(url: string, logFile: string): Promise<PostgresServer> {
  if (!['127.0.0.1', 'localhost'].includes(new URL(url).hostname))
    throw new Error('expected a server of this machine, got another: nothing else may be killed')
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ dir: string; fsync: string }>(
    `select current_setting('data_directory') as dir, current_setting('fsync') as fsync`,
  )
  await client.end()
  const { dir = '', fsync } = rows[0] ?? {}
  if (fsync !== 'on') throw new Error(`expected fsync to be on, got ${fsync}`)
  const pidOf = async () =>
    Number((await readFile(join(dir, 'postmaster.pid'), 'utf8')).split('\n')[0])
  const command = await commandOf(await pidOf())

  const tryStart = async (log: number): Promise<boolean> => {
    const { program, args, ...options } = command
    const server = spawn(program, args, {
      ...options,
      detached: true,
      stdio: ['ignore', log, log],
    })
    server.unref()
    const over = new AbortController()
    server.once('exit', () => over.abort())
    server.once('error', () => over.abort())
    while (!over.signal.aborted) {
      if (await answers(url)) return server.exitCode === null
      await wait(50, over.signal)
    }
    return false
  }

  return {
    kill: async () => {
      process.kill(await pidOf(), 'SIGKILL')
    },
    start: async () => {
      await using log = await open(logFile, 'a')
      const until = performance.now() + startMs
      // Until the old sessions are gone their shared memory keeps a new server from starting.
      while (!(await tryStart(log.fd))) {
        if (performance.now() > until)
          throw new Error(`expected PostgreSQL to start within ${startMs} ms; see ${logFile}`)
        await wait(100)
      }
    },
  }
}

/** How a process was started, and by whom. */
async function commandOf(pid: number) {
  const parts = async (name: string) =>
    (await readFile(`/proc/${pid}/${name}`, 'utf8')).split('\0').filter(Boolean)
  const [program, [, ...args], environment, cwd, { uid, gid }] = await Promise.all([
    readlink(`/proc/${pid}/exe`),
    parts('cmdline'),
    parts('environ'),
    readlink(`/proc/${pid}/cwd`),
    stat(`/proc/${pid}`),
  ])
  const env = Object.fromEntries(environment.map((item) => item.split(/=(.*)/s).slice(0, 2)))
  return { program, args, env, cwd, uid, gid }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  const isThere = await client.connect().then(
    () => true,
    () => false,
  )
  await client.end().catch(() => undefined)
  return isThere
}

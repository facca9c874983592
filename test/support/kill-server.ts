import { spawn } from 'node:child_process'
import { readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { wait } from '../../src/base/backoff.ts'

/**
 * Kills a PostgreSQL server of this machine with SIGKILL and starts it again with its own command line, environment and
 * user; resolves when it answers. The caller started that server; it must run as a user that we may become (Linux only).
 */
export async function killServer(url: string): Promise<void> {
  if (!['127.0.0.1', 'localhost'].includes(new URL(url).hostname))
    throw new Error('expected a server of this machine')
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query('show data_directory')
  await client.end()
  const file = join(rows[0].data_directory, 'postmaster.pid')
  const pid = Number((await readFile(file, 'utf8')).split('\n')[0])
  const parts = async (name: string) =>
    (await readFile(`/proc/${pid}/${name}`, 'utf8')).split('\0').filter(Boolean)
  const [program, args, environment, cwd, owner] = await Promise.all([
    readlink(`/proc/${pid}/exe`),
    parts('cmdline'),
    parts('environ'),
    readlink(`/proc/${pid}/cwd`),
    stat(`/proc/${pid}`),
  ])
  process.kill(pid, 'SIGKILL')
  for (;;) {
    // Its children notice within moments; until then their shared memory keeps a new server from starting.
    const server = spawn(program, args.slice(1), {
      cwd,
      env: Object.fromEntries(environment.map((item) => item.split(/=(.*)/s).slice(0, 2))),
      uid: owner.uid,
      gid: owner.gid,
      detached: true,
      stdio: 'ignore',
    })
    server.unref()
    const ended = new Promise<'ended'>((resolve) => server.once('exit', () => resolve('ended')))
    if (await Promise.race([ended, answers(url)])) {
      if (server.exitCode === null) return
    }
    await wait(200)
  }
}

async function answers(url: string): Promise<'answers'> {
  for (;;) {
    const client = new pg.Client(url)
    client.on('error', () => undefined)
    const ok = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => undefined)
    if (ok) return 'answers'
    await wait(100)
  }
}

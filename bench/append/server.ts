import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer, connect as tcpConnect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wait } from '../../src/base/backoff.ts'

/** A server of this benchmark: its port on 127.0.0.1, its process and its folder. */
export interface Server {
  port: number
  pid: number | undefined
  dir: string
  /** Bytes of all files below its folder. */
  storedBytes(): Promise<number>
  /** Stops it and removes its folder. Idempotent. */
  dispose(): Promise<void>
}

/**
 * Starts a server on a free port with a temporary folder; resolves when it accepts connections. It ends with this
 * process whatever happens: setpriv has the kernel kill it with its parent.
 */
export async function startServer(
  command: (at: { port: number; dir: string }) => Promise<string[]> | string[],
  signal: AbortSignal,
): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-append-'))
  const port = await freePort()
  let output = ''
  try {
    const args = ['--pdeathsig', 'KILL', ...(await command({ port, dir }))]
    const child = spawn('setpriv', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
    child.on('error', (error) => {
      output += error.message
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output = `${output}${chunk}`.slice(-2_000)
      })
    const hasEnded = () =>
      child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    const dispose = async () => {
      if (!hasEnded()) {
        const exited = once(child, 'exit')
        child.kill('SIGKILL')
        await exited
      }
      await rm(dir, { recursive: true, force: true })
    }
    for (let attempt = 0; !(await accepts(port)); attempt += 1) {
      if (hasEnded() || attempt === 200 || signal.aborted) {
        await dispose()
        throw new Error(
          `its server did not start: ${output.trim().split('\n').slice(-3).join(' ')}`,
        )
      }
      await wait(50)
    }
    return { port, pid: child.pid, dir, storedBytes: () => bytesBelow(dir), dispose }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

async function accepts(port: number): Promise<boolean> {
  const socket = tcpConnect(port, '127.0.0.1')
  // An error event rejects it.
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isOpen
}

/** Bytes of the files below a folder; files that go meanwhile count nothing. */
async function bytesBelow(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

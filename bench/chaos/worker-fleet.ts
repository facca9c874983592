import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wait } from '../../src/base/backoff.ts'

export interface WorkerFleet {
  /** The places whose worker is at work now, neither frozen nor ending. */
  working(): WorkerPlace[]
  /** Ends it with SIGKILL; another takes its place after `downMs`. */
  kill(place: WorkerPlace, downMs: number): Promise<void>
  /** Asks it to end, which it must within 30 s; another takes its place after `downMs`. */
  terminate(place: WorkerPlace, downMs: number): Promise<void>
  /** Stops it in its tracks for `forMs`. */
  freeze(place: WorkerPlace, forMs: number): Promise<void>
  /** Lets it do nothing but compute for `forMs`: its event loop stands still, and its sockets do not. */
  block(place: WorkerPlace, forMs: number): Promise<void>
  /** Waits until every place has a worker. */
  ready(): Promise<void>
  /** Asks all to end, and takes no new ones; kills what is left after 30 s. Idempotent. */
  stop(): Promise<void>
  /** What workers did that they may not: ended by themselves, or not when they were asked to. */
  problems: readonly string[]
  /** Starts that failed, as they may while the database is away. */
  failedStarts(): number
  /** The longest that a worker took from its start to its first look for work, ms. */
  longestStartMs(): number
  /** The greatest resident set of any worker, MiB. */
  peakMib(): number
}

/** One of the fleet's workers, or a gap where the next one will be. */
export interface WorkerPlace {
  readonly name: string
  readonly pid: number
}

interface Place extends WorkerPlace {
  name: string
  pid: number
  child: ChildProcess
  state: 'starting' | 'working' | 'frozen' | 'ending' | 'gone'
  ended: Promise<void>
}

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url))
/** Of these its connections may be stalled for nine seconds. */
const endMs = 30_000

/** How the worker of a place names itself to PostgreSQL. */
export function applicationOf(name: string): string {
  return `chaos-worker-${name}`
}

/** Starts worker processes and keeps their number, as a supervisor does. */
export function startWorkerFleet(options: {
  workers: number
  databaseUrl: string
  embeddingUrl: string
  archiveDir: string
  logDir: string
}): WorkerFleet {
  const problems: string[] = []
  let failedStarts = 0
  let longestStartMs = 0
  let peakKib = 0
  const stopping = new AbortController()
  const places = new Map<number, Place>()

  const launch = (index: number, generation: number) => {
    const name = `w${index}.${generation}`
    const url = new URL(options.databaseUrl)
    url.searchParams.set('application_name', applicationOf(name))
    const log = openSync(join(options.logDir, `${name}.log`), 'a')
    const args = [program, name, url.href, options.embeddingUrl, options.archiveDir]
    const child = spawn(process.execPath, args, {
      // A start is some seconds of work for a CPU, and workers start often here.
      env: { ...process.env, NODE_COMPILE_CACHE: join(options.logDir, 'compile-cache') },
      stdio: ['pipe', 'pipe', log],
    })
    closeSync(log)
    const place: Place = {
      name,
      pid: child.pid ?? 0,
      child,
      state: 'starting',
      ended: once(child, 'exit').then(() => undefined),
    }
    places.set(index, place)
    const began = performance.now()
    child.stdin?.on('error', () => undefined)
    child.stdout?.once('data', () => {
      longestStartMs = Math.max(longestStartMs, performance.now() - began)
      if (place.state === 'starting') place.state = 'working'
    })
    child.once('exit', (code, signal) => {
      const { state } = place
      place.state = 'gone'
      if (state === 'starting') failedStarts += 1
      else if (state !== 'ending')
        problems.push(`worker ${name} ended by itself with ${code ?? signal}`)
      else if (code !== 0 && signal !== 'SIGKILL')
        problems.push(`worker ${name} ended with ${code ?? signal} when it was asked to end`)
      if (state !== 'ending') void replace(place, 500)
    })
  }

  /** Puts another worker in the place of one that is gone. */
  const replace = async (place: Place, downMs: number) => {
    await wait(downMs, stopping.signal)
    const [, index, generation] = /^w(\d+)\.(\d+)$/.exec(place.name) ?? []
    if (!stopping.signal.aborted) launch(Number(index), Number(generation) + 1)
  }

  const end = async (place: Place) => {
    // What has not begun yet does not know how to end.
    const isNew = place.state === 'starting'
    place.state = 'ending'
    place.child.kill('SIGCONT')
    place.child.kill(isNew ? 'SIGKILL' : 'SIGTERM')
    const hasEnded = new AbortController()
    void place.ended.then(() => hasEnded.abort())
    await wait(endMs, hasEnded.signal)
    if (hasEnded.signal.aborted) return
    problems.push(`worker ${place.name} did not end within ${endMs} ms of SIGTERM`)
    // It writes into its log what it waits for.
    place.child.kill('SIGUSR2')
    await wait(500)
    place.child.kill('SIGKILL')
    await place.ended
  }

  const measure = async () => {
    while (!stopping.signal.aborted) {
      for (const { pid } of places.values()) {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
        peakKib = Math.max(peakKib, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0))
      }
      await wait(500, stopping.signal)
    }
  }

  for (let index = 1; index <= options.workers; index += 1) launch(index, 1)
  const measuring = measure()
  let stopped: Promise<void> | undefined
  const own = (place: WorkerPlace) => place as Place
  return {
    problems,
    failedStarts: () => failedStarts,
    longestStartMs: () => longestStartMs,
    peakMib: () => peakKib / 1024,
    working: () => [...places.values()].filter(({ state }) => state === 'working'),
    kill: async (place, downMs) => {
      own(place).state = 'ending'
      own(place).child.kill('SIGKILL')
      await own(place).ended
      await replace(own(place), downMs)
    },
    terminate: async (place, downMs) => {
      await end(own(place))
      await replace(own(place), downMs)
    },
    freeze: async (place, forMs) => {
      own(place).state = 'frozen'
      own(place).child.kill('SIGSTOP')
      await wait(forMs, stopping.signal)
      own(place).child.kill('SIGCONT')
      if (own(place).state === 'frozen') own(place).state = 'working'
    },
    block: async (place, forMs) => {
      own(place).state = 'frozen'
      own(place).child.stdin?.write(`${forMs}\n`)
      await wait(forMs, stopping.signal)
      if (own(place).state === 'frozen') own(place).state = 'working'
    },
    ready: async () => {
      const isReady = () =>
        places.size === options.workers &&
        [...places.values()].every(({ state }) => state === 'working')
      while (!isReady() && !stopping.signal.aborted) await wait(50, stopping.signal)
    },
    stop: () => {
      stopped ??= (async () => {
        stopping.abort()
        await measuring
        await Promise.all(
          [...places.values()].filter(({ state }) => state !== 'gone').map((place) => end(place)),
        )
      })()
      return stopped
    },
  }
}

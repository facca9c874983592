import { type ChildProcess, fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isMillraceError, MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { createLimiter } from '../limiter.ts'
import type { EmbeddedBatch, EngineOptions } from './engine.ts'
import type { EngineReply, EngineRequest } from './engine-messages.ts'

/**
 * The embedder's side of its engine process.
 *
 * Why a process: onnxruntime-node 1.16 runs a batch synchronously (150 ms and more in which this process would answer
 * nobody), and its addon cannot be loaded twice in one process ("Module did not self-register"), which rules out
 * threads that come and go. A process also takes a native crash or the OOM killer upon itself alone.
 *
 * States: none -> loading -> ready <-> busy -> none. The first call starts it; one batch is under way at a time.
 * It owns nothing: whenever it ends, by itself or by `stop`, the batch under way fails and the next call starts
 * another. If it ends while loading, the native engine is taken for the culprit and the portable one is loaded.
 * While idle it does not keep this process alive, and it ends when this one does.
 */
export interface EngineClient {
  /** Loads the engine unless it is, and tells how many texts to hand over at once. */
  start(): Promise<{ batchSize: number }>
  /** The texts as one batch. Fails with `embedder_unavailable`, or `aborted` after `stop`. */
  embed(texts: readonly string[]): Promise<EmbeddedBatch>
  stop(): Promise<void>
}

interface Running {
  child: ChildProcess
  batchSize: number
}

export function createEngineClient(
  deps: { logger: Logger },
  options: EngineOptions & { portable: boolean },
): EngineClient {
  const limiter = createLimiter(1)
  const children = new Set<ChildProcess>()
  let running: Promise<Running> | undefined
  let portable = options.portable
  let stopped = false

  const launch = async (): Promise<Running> => {
    const child = fork(programPath(), [String(options.threads), String(portable)], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.add(child)
    deps.logger.debug({ pid: child.pid }, 'embedder.start')
    child.once('exit', () => children.delete(child))
    child.on('error', (error) => {
      deps.logger.warn({ error: error.message }, 'embedder.fail')
      // One that could not even be started will not tell of its end.
      if (child.pid === undefined) children.delete(child)
    })
    try {
      const reply = await nextReply(child)
      if (reply.kind !== 'ready') throw unexpected(reply)
      const { engine, batchSize, loadMs, fallback } = reply
      deps.logger.info(
        { engine, loadMs, threads: options.threads, pid: child.pid },
        'embedder.load',
      )
      if (fallback !== undefined) warnOfFallback(fallback)
      idle(child)
      return { child, batchSize }
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  const warnOfFallback = (reason: string) => {
    portable = true
    deps.logger.warn({ reason, engine: 'wasm' }, 'embedder.fall_back')
  }

  const start = (): Promise<Running> => {
    if (stopped) return Promise.reject(closed())
    if (running) return running
    const starting = launch().catch((error: unknown) => {
      if (stopped) throw closed()
      if (portable || !isMillraceError(error, 'embedder_unavailable')) throw error
      warnOfFallback(error.message)
      return launch()
    })
    running = starting
    const forget = () => {
      if (running === starting) running = undefined
    }
    starting.then(({ child }) => child.once('exit', forget), forget)
    return starting
  }

  return {
    start,
    embed: (texts) =>
      limiter(async () => {
        const { child } = await start()
        busy(child)
        const answer = nextReply(child)
        child.send({ texts } satisfies EngineRequest)
        try {
          const reply = await answer
          if (reply.kind !== 'vectors') throw unexpected(reply)
          return reply.batch
        } catch (error) {
          throw stopped ? closed() : error
        } finally {
          idle(child)
        }
      }),
    async stop() {
      stopped = true
      const exits = [...children].map(
        (child) => new Promise<void>((resolve) => child.once('exit', () => resolve())),
      )
      for (const child of children) {
        busy(child)
        child.kill('SIGKILL')
      }
      await Promise.all(exits)
    },
  }
}

/** The program next to this file: TypeScript from source, JavaScript from dist. */
function programPath(): string {
  return fileURLToPath(new URL(`./engine-process${extname(import.meta.url)}`, import.meta.url))
}

async function nextReply(child: ChildProcess): Promise<EngineReply> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineReply>()
  const onMessage = (reply: unknown) => resolve(reply as EngineReply)
  const onError = (error: Error) => reject(unavailable(error.message))
  const onExit = (code: number | null, signal: string | null) =>
    reject(unavailable(`its process ended (${signal ?? `exit code ${code}`})`))
  child.once('message', onMessage).once('error', onError).once('exit', onExit)
  return promise.finally(() => {
    child.off('message', onMessage).off('error', onError).off('exit', onExit)
  })
}

function busy(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}

function idle(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

function unexpected(reply: EngineReply): MillraceError {
  return unavailable(reply.kind === 'failed' ? reply.reason : `it answered "${reply.kind}"`)
}

function unavailable(reason: string): MillraceError {
  return new MillraceError(
    'embedder_unavailable',
    `the built-in embedding model does not run: ${reason}; it needs about 400 MB of memory and an installation made with npm ci`,
    { retryable: true },
  )
}

function closed(): MillraceError {
  return new MillraceError('aborted', 'the embedder was closed')
}

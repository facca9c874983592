import { messageOf } from '../../base/errors.ts'
import type { EngineReply, EngineRequest } from './engine-messages.ts'
import { loadEngine } from './load-engine.ts'

/**
 * The program of the engine process: loads an engine, says so, then answers one request after another.
 *
 * It keeps nothing that matters and may be killed at any moment. Only the channel to its parent keeps it alive, so it
 * ends when that is gone, however it went. Ctrl-C reaches it too, being of the same terminal, but ending on it would
 * fail the batch that the parent is still waiting for while it drains.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const [threads = '1', portable = 'false'] = process.argv.slice(2)
const started = performance.now()
try {
  const { engine, fallback } = await loadEngine({
    threads: Number(threads),
    portable: portable === 'true',
  })
  process.on('message', (request: EngineRequest) => {
    engine.embed(request.texts).then(
      (batch) => send({ kind: 'vectors', batch }),
      (error: unknown) => send({ kind: 'failed', reason: messageOf(error) }),
    )
  })
  send({
    kind: 'ready',
    engine: engine.name,
    batchSize: engine.batchSize,
    loadMs: Math.round(performance.now() - started),
    ...(fallback === undefined ? {} : { fallback }),
  })
} catch (error) {
  send({ kind: 'failed', reason: messageOf(error) })
}

function send(reply: EngineReply): void {
  // Without a callback an answer to a parent that has just gone would be an error event.
  process.send?.(reply, undefined, {}, () => undefined)
}

import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { toMillraceError } from '../db/sqlstate.ts'

const answerWithinMs = 2_000

/** `GET /healthz`: 200 while the database answers within 2 s and the server takes requests, else 503 with the reason. */
export function routeHealth(
  app: FastifyInstance,
  deps: { pool: Pool; isStopping: () => boolean },
): void {
  const probe = createProbe(deps.pool)
  app.get('/healthz', async (_request, reply) => {
    const reason = deps.isStopping() ? 'the server is stopping' : await probe()
    if (reason === null) return { status: 'ok' }
    return reply.code(503).send({ status: 'unavailable', reason })
  })
}

/** Asks the database for a sign of life; null when it gives one. Probes share one query: a dead database collects none. */
function createProbe(pool: Pool): () => Promise<string | null> {
  let asking: Promise<string | null> | undefined
  const ask = async () => {
    try {
      await pool.query('select 1')
      return null
    } catch (error) {
      return toMillraceError(error, 'checking the database').message
    }
  }
  return async () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    const late = Promise.withResolvers<string>()
    const timer = setTimeout(
      () => late.resolve(`the database did not answer within ${answerWithinMs} ms`),
      answerWithinMs,
    )
    return Promise.race([asking, late.promise]).finally(() => clearTimeout(timer))
  }
}

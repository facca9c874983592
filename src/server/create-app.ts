import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { answerMalformed } from './answer-malformed.ts'
import { describeError } from './describe-error.ts'
import { type ForeignRules, refuseForeign } from './refuse-foreign.ts'

const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface AppDeps {
  logger: Logger
  isStopping: () => boolean
}

/**
 * Fastify, with what holds for every request: who may ask, security headers, errors as JSON, one log line. Its own logger
 * is off: it would log errors with their texts.
 */
export function createApp(deps: AppDeps, rules: ForeignRules): FastifyInstance {
  const app = Fastify({
    logger: false,
    genReqId: () => randomUUID(),
    requestTimeout: 60_000,
    return503OnClosing: false,
    forceCloseConnections: false,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: (error, request, reply: unknown) =>
      replyError(deps, error, request, reply as FastifyReply),
    clientErrorHandler: answerMalformed,
  })
  // Bodies are read by the routes, which know how much they may hold.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.addHook('onRequest', async (request) => {
    refuseForeign(rules, request.method, request.headers)
    if (deps.isStopping() && request.routeOptions.url !== '/healthz')
      throw new MillraceError('aborted', 'the server is stopping; send this again in a moment')
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': pagePolicy,
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (deps.isStopping()) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    deps.logger.debug(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request.answered',
    )
  })
  app.setErrorHandler((error, request, reply) => replyError(deps, error, request, reply))
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0]?.slice(0, 200)
    throw new MillraceError('not_found', `there is nothing at ${request.method} ${path}`)
  })
  return app
}

function replyError(
  deps: AppDeps,
  error: unknown,
  request: { id: string },
  reply: FastifyReply,
): FastifyReply {
  const { status, code, message, headers } = describeError(deps, error, request.id)
  return reply.code(status).headers(headers).send({ error: { code, message } })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../../base/logger.ts'
import type { Producer } from '../../log/producer.ts'
import type { ByteBudget } from '../byte-budget.ts'
import { describeError, type PublicError } from '../describe-error.ts'
import { HttpError } from '../http-error.ts'
import { mediaTypeOf } from '../media-type.ts'
import { readBody } from '../read-body.ts'
import type { RunningWork } from '../running-work.ts'
import type { Door, DoorRequest } from './door.ts'
import { explainFailure, putInSlices } from './put-outcome.ts'

export interface DoorDeps {
  logger: Logger
  producer: Producer
  budget: ByteBudget
  running: RunningWork
}

export interface DoorLimits {
  maxBodyBytes: number
  maxDecodedBytes: number
  maxRecords: number
}

/**
 * Opens a door on its path. A reply of 200 is an ack: it is sent after the records were committed and flushed. The
 * body's bytes count against the budget until then, so that senders are told 503 before memory runs out.
 */
export function openDoor(
  app: FastifyInstance,
  deps: DoorDeps,
  door: Door,
  limits: DoorLimits,
): void {
  const sendError = (reply: FastifyReply, error: PublicError, body: object) => {
    deps.logger.debug({ door: door.name, status: error.status, code: error.code }, 'door.refused')
    return reply.code(error.status).headers(error.headers).type('application/json').send(body)
  }
  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const mediaType = mediaTypeOf(request.headers['content-type'])
    if (!door.mediaTypes.includes(mediaType))
      throw new HttpError(
        415,
        'invalid_argument',
        `expected the Content-Type ${door.mediaTypes.join(', ')}, got "${mediaType}"; ${door.hint}`,
      )
    using lease = deps.budget.lease()
    const doorRequest: DoorRequest = {
      id: request.id,
      params: request.params as Record<string, string>,
      query: request.query as Record<string, unknown>,
      headers: request.headers,
      mediaType,
      body: await readBody(request.raw, lease, limits),
    }
    const outcome = await putInSlices(deps.producer, door.read(doorRequest, limits))
    if (outcome.failure === null) {
      const { status, body } = door.reply(outcome, doorRequest)
      return reply.code(status).type('application/json').send(body)
    }
    const error = describeError(deps, explainFailure(outcome, outcome.failure), request.id)
    return sendError(reply, error, door.wordError(error, outcome, doorRequest))
  }
  app.post(
    door.path,
    {
      errorHandler: (thrown, request, reply) => {
        const error = describeError(deps, thrown, request.id)
        return sendError(reply, error, door.wordError(error))
      },
    },
    (request, reply) => deps.running.track(take(request, reply)),
  )
}

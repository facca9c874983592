import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { validate } from '../base/validate.ts'
import type { ByteBudget } from './byte-budget.ts'
import { describeError } from './describe-error.ts'
import { createEventStream } from './event-stream.ts'
import { mediaTypeOf } from './media-type.ts'
import type { AskInput, AskPort } from './ports.ts'
import { readJson } from './read-json.ts'
import type { RunningWork } from './running-work.ts'

const questionSchema = z.strictObject({
  question: z.string().trim().min(1, 'expected a question').max(2_000),
  stream: z.string().min(1).max(128).optional(),
  now: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2026-03-01T14:32:00Z' })
    .transform((text) => new Date(text))
    .optional(),
  timeZone: z.string().refine(isTimeZone, 'expected a time zone such as Europe/Madrid').optional(),
})

export interface AskRouteDeps {
  logger: Logger
  ask: AskPort
  budget: ByteBudget
  running: RunningWork
  /** Aborts when the server gives up on what is under way. */
  stopped: AbortSignal
}

/**
 * `POST /api/ask`: the answer as JSON, or with `Accept: text/event-stream` as events while it is made: `plan`,
 * `evidence`, `text` (pieces of it), then `done` with the answer and the time it took, or `error`. The question's work
 * is aborted when its client goes away.
 */
export function routeAsk(
  app: FastifyInstance,
  deps: AskRouteDeps,
  options: { maxAsks: number; heartbeatMs: number },
): void {
  app.post('/api/ask', async (request, reply) => {
    const question = validate(questionSchema, await readJson(request, deps), 'the question')
    if (deps.running.size >= options.maxAsks)
      throw new MillraceError(
        'throughput_exceeded',
        `${options.maxAsks} questions are being answered; ask again in a moment`,
        { retryable: true },
      )
    const input = toInput(question, abortedWith(reply, deps.stopped))
    if (mediaTypeOf(request.headers.accept) === 'text/event-stream')
      return streamAnswer(deps, input, request, reply, options.heartbeatMs)
    return untilAborted(deps.running.track(deps.ask(input)), input.signal)
  })
}

function toInput(question: z.output<typeof questionSchema>, signal: AbortSignal): AskInput {
  const input: AskInput = { question: question.question, signal }
  if (question.stream !== undefined) input.stream = question.stream
  if (question.now !== undefined) input.now = question.now
  if (question.timeZone !== undefined) input.timeZone = question.timeZone
  return input
}

function streamAnswer(
  deps: AskRouteDeps,
  input: AskInput,
  request: FastifyRequest,
  reply: FastifyReply,
  heartbeatMs: number,
): FastifyReply {
  const events = createEventStream({ heartbeatMs })
  const started = performance.now()
  const follow = async () => {
    try {
      const asked = deps.ask(input, ({ type, data }) => events.send(type, data))
      const answer = await untilAborted(deps.running.track(asked), input.signal)
      const tookMs = Math.round((performance.now() - started) * 10) / 10
      events.send('done', { answer, tookMs })
    } catch (error) {
      const { code, message } = describeError(deps, error, request.id)
      events.send('error', { code, message })
    } finally {
      events.end()
    }
  }
  void follow()
  return reply
    .headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    .send(events.body)
}

/** Aborts when the reply's client goes away or the server stops. */
function abortedWith(reply: FastifyReply, stopped: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, stopped])
}

/** The work's outcome, or `aborted` as soon as the signal is, whether or not the work heeds it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () =>
    reject(new MillraceError('aborted', 'the server is stopping; ask again in a moment'))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

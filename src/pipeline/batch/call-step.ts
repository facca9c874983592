import { backoffMs, wait } from '../../base/backoff.ts'
import { isMillraceError, MillraceError } from '../../base/errors.ts'
import type { StepContext, StepOptions } from '../step.ts'

const defaults = { timeoutMs: 60_000, attempts: 1, backoffMs: 200 } as const

/** When the worker stops or the lease is lost the call ends with `aborted`, whether or not it listens to its signal. */
const stopped = () => new MillraceError('aborted', 'the call was stopped')

/**
 * Calls a step under its time limit, and again as often as it allows. A call over its limit is told so by its signal
 * and no longer waited for; only code that never yields cannot be ended: it holds its process, and loses its lease.
 */
export async function callStep<R>(
  step: { name: string; options: StepOptions },
  context: StepContext,
  call: (context: StepContext) => Promise<R> | R,
): Promise<R> {
  const { timeoutMs = defaults.timeoutMs, retry } = step.options
  const { attempts = defaults.attempts, backoffMs: baseMs = defaults.backoffMs } = retry ?? {}
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await callOnce(timeoutMs, context, call)
    } catch (error) {
      if (attempt >= attempts || context.signal.aborted || isMillraceError(error, 'aborted'))
        throw error
      await wait(backoffMs(attempt, { baseMs }), context.signal)
      if (context.signal.aborted) throw stopped()
    }
  }
}

async function callOnce<R>(
  timeoutMs: number,
  context: StepContext,
  call: (context: StepContext) => Promise<R> | R,
): Promise<R> {
  const limit = new AbortController()
  const ended = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new MillraceError(
      'step_failed',
      `it did not return within ${timeoutMs} ms; make it faster, its batch smaller, or raise its timeoutMs`,
    )
    ended.reject(error)
    limit.abort(error)
  }, timeoutMs)
  const stop = () => ended.reject(stopped())
  if (context.signal.aborted) stop()
  else context.signal.addEventListener('abort', stop, { once: true })
  try {
    const signal = AbortSignal.any([context.signal, limit.signal])
    return await Promise.race([call({ ...context, signal }), ended.promise])
  } finally {
    clearTimeout(timer)
    context.signal.removeEventListener('abort', stop)
    ended.promise.catch(() => undefined)
  }
}

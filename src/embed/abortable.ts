import { MillraceError } from '../base/errors.ts'

/** Fails with `aborted` when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedBy(signal)
}

/** The work's outcome, or `aborted` as soon as the signal is: the waiting ends then, the work itself does not. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(abortedBy(signal))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function abortedBy(signal: AbortSignal): MillraceError {
  return new MillraceError('aborted', 'embedding was aborted by its caller', {
    cause: signal.reason,
  })
}

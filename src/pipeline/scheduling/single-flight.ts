import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'

export interface SingleFlight {
  /** Runs the work now, or once more after the run in flight; never waits, never fails. */
  request(): void
  /** Resolves when no run is in flight. */
  settled(): Promise<void>
}

/** Work of which at most one run is in flight; requests that come meanwhile make one more. What fails is logged. */
export function createSingleFlight(
  work: () => Promise<void>,
  options: { logger: Logger; name: string; signal: AbortSignal },
): SingleFlight {
  const { logger, name, signal } = options
  let running: Promise<void> | undefined
  let again = false
  const request = () => {
    if (signal.aborted) return
    if (running) {
      again = true
      return
    }
    running = work()
      .catch((error: unknown) => {
        logger.warn({ error: toMillraceError(error, name).message }, `${name}.failed`)
      })
      .finally(() => {
        running = undefined
        if (!again) return
        again = false
        request()
      })
  }
  return { request, settled: async () => running }
}

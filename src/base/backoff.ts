import { setTimeout as sleep } from 'node:timers/promises'

export interface BackoffOptions {
  /** Wait before the second attempt. Default 100 ms. */
  baseMs?: number
  /** The longest wait. Default 10,000 ms. */
  capMs?: number
}

/** Milliseconds to wait after failure number `attempt` (1 is the first): exponential, with full jitter. */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 100, capMs = 10_000 } = options
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(ceiling / 2 + Math.random() * (ceiling / 2))
}

/** Resolves after `ms`, or at once and quietly when `signal` aborts: a wait is never an error. */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
}

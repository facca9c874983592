export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

/** Runs at most `limit` works at a time; the others wait their turn, first come, first served. */
export function createLimiter(limit: number): Limiter {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      // The place is handed on rather than freed, so that a newcomer cannot overtake who waits.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

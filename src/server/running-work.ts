/** Promises that have not settled yet. */
export interface RunningWork {
  readonly size: number
  /** Remembers the promise until it settles, and returns it. */
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves when what runs now has settled, whatever became of it. */
  settled(): Promise<void>
}

/** Knows what the server has begun, also for clients that are gone: nothing may use the database after `stop`. */
export function createRunningWork(): RunningWork {
  const running = new Set<Promise<unknown>>()
  return {
    get size() {
      return running.size
    },
    track: (work) => {
      running.add(work)
      const forget = () => {
        running.delete(work)
      }
      work.then(forget, forget)
      return work
    },
    settled: async () => {
      await Promise.allSettled(running)
    },
  }
}

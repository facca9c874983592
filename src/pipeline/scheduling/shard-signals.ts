export interface ShardSignals {
  /**
   * True when `notify(shardId)` comes within `ms`, or came since the last wait: between finding a shard's end and waiting
   * for more nothing is missed. False when it does not come, or when `signal` aborts.
   */
  wait(shardId: number, ms: number, signal: AbortSignal): Promise<boolean>
  /** Wakes everybody who waits for this shard; returns how many did. */
  notify(shardId: number): number
  /** True when a notification came that nobody has waited for since. */
  isMissed(shardId: number): boolean
}

/** Lets jobs of this process wait for new records of a shard. */
export function createShardSignals(): ShardSignals {
  const waiting = new Map<number, Set<(more: boolean) => void>>()
  const missed = new Set<number>()
  return {
    wait: (shardId, ms, signal) =>
      new Promise((resolve) => {
        const waiters = waiting.get(shardId) ?? new Set()
        waiting.set(shardId, waiters)
        const settle = (more: boolean) => {
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
          waiters.delete(settle)
          if (waiters.size === 0) waiting.delete(shardId)
          resolve(more)
        }
        const abort = () => settle(false)
        const timer = setTimeout(() => settle(false), ms)
        waiters.add(settle)
        if (signal.aborted) settle(false)
        else if (missed.delete(shardId)) settle(true)
        else signal.addEventListener('abort', abort, { once: true })
      }),
    notify: (shardId) => {
      const waiters = waiting.get(shardId)
      if (!waiters) {
        missed.add(shardId)
        return 0
      }
      const woken = [...waiters]
      for (const settle of woken) settle(true)
      return woken.length
    },
    isMissed: (shardId) => missed.has(shardId),
  }
}

import type { Pool, PoolClient } from 'pg'

/**
 * The pool for one runner. Its listener's connection (the one it takes by callback) may be released twice, which it does
 * when that is lost while it stops and which would end the process; `release` takes back what it never gave back.
 */
export function createListenerPool(pool: Pool): { pool: Pool; release(): void } {
  type Callback = (
    error: Error | undefined,
    client: PoolClient | undefined,
    release: (broken?: unknown) => void,
  ) => void
  const held = new Set<(broken?: unknown) => void>()
  const connect = (callback?: Callback) => {
    if (!callback) return pool.connect()
    return pool.connect((error, client, release) => {
      const releaseOnce = (broken?: unknown) => {
        if (held.delete(releaseOnce)) release(broken as boolean)
      }
      if (client) held.add(releaseOnce)
      callback(error, client, releaseOnce)
    })
  }
  return {
    // Its `query` would connect by our callback, and release by the client's own method.
    pool: Object.create(pool, {
      connect: { value: connect },
      query: { value: pool.query.bind(pool) },
    }) as Pool,
    release: () => {
      for (const one of held) one(true)
    },
  }
}

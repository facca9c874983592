import type { Pool } from 'pg'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { type Listener, listen } from '../db/listen.ts'
import { wakeChannel } from './wake.ts'

export interface WakeHub {
  /** Calls `onWake` with the ids of shards that have news, until the function that it returns is called. */
  subscribe(onWake: (shardIds: readonly number[]) => void): () => void
  /** Stops listening; idempotent. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts listening for appends and reshards, once for all who want to hear of them in this process. Hints: they poll too. */
export async function startWakeHub(deps: { pool: Pool; logger: Logger }): Promise<WakeHub> {
  const hearers = new Set<(shardIds: readonly number[]) => void>()
  const listener: Listener = await listen(deps, wakeChannel, (payload) => {
    const shardIds = payload.split(',').map(Number)
    for (const onWake of hearers) {
      try {
        onWake(shardIds)
      } catch (error) {
        deps.logger.error({ error: messageOf(error) }, 'wake.handler_failed')
      }
    }
  })
  const stop = async () => {
    hearers.clear()
    await listener.stop()
  }
  return {
    subscribe: (onWake) => {
      hearers.add(onWake)
      return () => hearers.delete(onWake)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

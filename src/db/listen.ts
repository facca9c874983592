import type { Pool, PoolClient } from 'pg'
import { aborted } from '../base/aborted.ts'
import { backoffMs, wait } from '../base/backoff.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'

export interface Listener {
  /** Stops listening; idempotent. */
  stop(): Promise<void>
}

/**
 * Listens on one channel with one connection and calls `onNotify` with each payload; reconnects when it is lost.
 * Notifications are hints: those sent while it reconnects are lost, so whoever listens also polls.
 * Resolves once the first LISTEN is in force.
 */
export async function listen(
  deps: { pool: Pool; logger: Logger },
  channel: string,
  onNotify: (payload: string) => void,
): Promise<Listener> {
  const { pool, logger } = deps
  const stopping = new AbortController()
  const stopped = aborted(stopping.signal)

  const connect = async (): Promise<{ client: PoolClient; lost: Promise<void> }> => {
    const client = await pool.connect()
    const lost = new Promise<void>((resolve) => {
      client.once('error', () => resolve())
      client.once('end', () => resolve())
    })
    try {
      client.on('notification', (message) => onNotify(message.payload ?? ''))
      await client.query(`listen ${client.escapeIdentifier(channel)}`)
    } catch (error) {
      client.release(true)
      throw error
    }
    return { client, lost }
  }

  const keepListening = async (first: Awaited<ReturnType<typeof connect>>) => {
    let connection: typeof first | undefined = first
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        connection ??= await connect()
        failures = 0
        await Promise.race([connection.lost, stopped])
      } catch (error) {
        failures += 1
        logger.warn({ channel, error: messageOf(error) }, 'listener.reconnecting')
        await wait(backoffMs(failures), stopping.signal)
      }
      connection?.client.removeAllListeners('notification')
      connection?.client.release(true)
      connection = undefined
    }
  }

  const running = keepListening(await connect())
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

import type { PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'

export interface GuardedClient {
  client: PoolClient
  /** From now on it takes no query any more. */
  close(): void
}

/**
 * A transaction's connection for somebody else's code, as long as it may have it. What a sink left running when it failed
 * or was late would otherwise send its next query after the rollback: outside any transaction, or into a stranger's.
 */
export function guardClient(client: PoolClient): GuardedClient {
  let isClosed = false
  const query = (...args: unknown[]): unknown => {
    if (!isClosed) return (client.query as (...all: unknown[]) => unknown).apply(client, args)
    const error = new MillraceError(
      'step_failed',
      'the batch’s transaction is over; a write must wait for all of its queries before it returns or throws',
    )
    const callback = args.at(-1)
    if (typeof callback !== 'function') return Promise.reject(error)
    callback(error)
    return undefined
  }
  return {
    client: Object.create(client, { query: { value: query } }) as PoolClient,
    close: () => {
      isClosed = true
    },
  }
}

import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'

/**
 * Most time between two statements of a transaction. A process that is frozen, or cut off from the network, in the middle
 * of one would hold its locks for as long as that lasts: for a checkpoint's, nobody could take its shard over. The embedded
 * engine has a limit of its own instead (embedded/limits.ts).
 */
export const transactionIdleMs = 10_000

/**
 * Runs `work` in one READ COMMITTED transaction on one connection, and commits when it resolves, rolls back when it
 * throws. `statementTimeoutMs` ends a statement that takes longer (57014); the server ends a transaction that stands idle
 * for `transactionIdleMs`, with its connection. When `signal` aborts the connection is cut, whatever runs: as long as COMMIT
 * was not sent that is a rollback, and afterwards nobody knows. Never await a second connection inside: the embedded engine has one
 * session and would wait for ever.
 */
export async function transaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: { statementTimeoutMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const client = await pool.connect()
  const { statementTimeoutMs, signal } = options
  let broken: Error | undefined
  const cut = () => {
    client.end().catch(() => undefined)
  }
  signal?.addEventListener('abort', cut, { once: true })
  try {
    if (signal?.aborted) throw new MillraceError('aborted', 'the transaction was not begun')
    await client.query(
      `begin isolation level read committed; set local idle_in_transaction_session_timeout = ${transactionIdleMs}${
        statementTimeoutMs === undefined
          ? ''
          : `; set local statement_timeout = ${statementTimeoutMs}`
      }`,
    )
    const result = await work(client)
    const { command } = await client.query('commit')
    // An error that `work` swallowed leaves a transaction that COMMIT quietly rolls back.
    if (command !== 'COMMIT')
      throw new MillraceError(
        'internal',
        'a transaction was rolled back: one of its statements failed',
      )
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    signal?.removeEventListener('abort', cut)
    client.release(signal?.aborted ? true : broken)
  }
}

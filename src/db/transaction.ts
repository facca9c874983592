import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'

/**
 * Runs `work` in one READ COMMITTED transaction on one connection, and commits when it resolves, rolls back when it
 * throws. `statementTimeoutMs` ends a statement that takes longer (57014). Never await a second connection inside: the embedded engine has one session and would wait for ever.
 */
export async function transaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  options: { statementTimeoutMs?: number } = {},
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const { statementTimeoutMs } = options
    await client.query(
      statementTimeoutMs === undefined
        ? 'begin isolation level read committed'
        : `begin isolation level read committed; set local statement_timeout = ${statementTimeoutMs}`,
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
    client.release(broken)
  }
}

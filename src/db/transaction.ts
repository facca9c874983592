import type { Pool, PoolClient } from 'pg'

/**
 * Runs `work` in one READ COMMITTED transaction on one connection, and commits when it resolves, rolls back when it
 * throws. Never await a second connection inside: the embedded engine has one session and would wait for ever.
 */
export async function transaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin isolation level read committed')
    const result = await work(client)
    await client.query('commit')
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

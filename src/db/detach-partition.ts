import type { Pool } from 'pg'
import { toMillraceError } from './sqlstate.ts'

/** How long it waits for readers that were there before it. It holds no lock meanwhile, so nobody waits for it. */
const lockTimeoutMs = 1_000

/**
 * Takes a table out of its partitioned parent so that neither readers nor writers feel it; returns whether it is out now.
 * False: a transaction that has read the parent is still open (or somebody else detaches from it), and the next call goes on.
 *
 * DDL: detach concurrently, in two transactions of its own. Order: attached -> detach pending -> detached. An interrupted
 * one stays pending, invisible through the parent and in the way of every other detach from it, so whatever is pending
 * there is finished first.
 */
export async function detachPartition(
  deps: { pool: Pool },
  input: { parent: string; table: string },
): Promise<boolean> {
  const client = await deps.pool.connect()
  const name = (table: string) => `millrace.${client.escapeIdentifier(table)}`
  let broken: Error | undefined
  try {
    const { rows } = await client.query<{ table: string; pending: boolean }>(
      `select c.relname as table, i.inhdetachpending as pending
         from pg_inherits i
         join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass($1)
          and (i.inhdetachpending or c.oid = to_regclass($2))
        order by i.inhdetachpending desc`,
      [name(input.parent), name(input.table)],
    )
    await client.query(`set lock_timeout = ${lockTimeoutMs}`)
    for (const { table, pending } of rows)
      await client.query(
        `alter table ${name(input.parent)} detach partition ${name(table)} ${pending ? 'finalize' : 'concurrently'}`,
      )
    return true
  } catch (error) {
    const failure = toMillraceError(error, `detaching ${input.table}`)
    // Somebody else's detach is pending (55000), or has just ended (42P01): the next call finds how things are.
    if (failure.code === 'conflict' || /^(55000|42P01)$/.test(String(failure.details.sqlState)))
      return false
    broken = failure
    throw failure
  } finally {
    await client.query('reset lock_timeout').catch((error: unknown) => {
      broken = toMillraceError(error, 'resetting a connection')
    })
    client.release(broken)
  }
}

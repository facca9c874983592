import type { Pool } from 'pg'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { transaction } from '../db/transaction.ts'
import { streamName } from './stream-name.ts'
import { streamNotFound } from './stream-not-found.ts'

const maxConsumers = 20

const schema = z.strictObject({
  stream: z.string(),
  consumer: z.string().regex(streamName, 'expected 1-128 letters, digits, "_", "." or "-"'),
})

/**
 * Registers a reader of a stream, at most 20 a stream: what it subscribes to does not count against the stream's shared
 * read limits. Fails with `not_found`, `already_exists`, `limit_exceeded` or `invalid_argument`.
 *
 * Locks: the stream's row, so that two registrations are counted one after the other.
 */
export async function registerConsumer(
  deps: { pool: Pool },
  input: z.input<typeof schema>,
): Promise<void> {
  const { stream, consumer } = validate(schema, input, 'register consumer')
  const details = { stream, consumer }
  try {
    await transaction(deps.pool, async (client) => {
      const { rows } = await client.query<{ id: number }>(
        'select id from millrace.stream where name = $1 for no key update',
        [stream],
      )
      const id = rows[0]?.id
      if (id === undefined) throw streamNotFound(stream)
      const { rows: registered } = await client.query<{ name: string }>(
        'select name from millrace.consumer where stream_id = $1',
        [id],
      )
      if (registered.some(({ name }) => name === consumer))
        throw new MillraceError(
          'already_exists',
          `consumer "${consumer}" of stream "${stream}" is registered already`,
          { details },
        )
      if (registered.length >= maxConsumers)
        throw new MillraceError(
          'limit_exceeded',
          `expected at most ${maxConsumers} consumers of stream "${stream}", it has ${registered.length}; deregister one first`,
          { details: { ...details, limit: maxConsumers } },
        )
      await client.query('insert into millrace.consumer (stream_id, name) values ($1, $2)', [
        id,
        consumer,
      ])
    })
  } catch (error) {
    throw toMillraceError(error, 'registering a consumer')
  }
}

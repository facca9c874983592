import { asc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { consumer, stream } from '../db/schema/log.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { streamNotFound } from './stream-not-found.ts'

export interface Consumer {
  name: string
  createdAt: Date
}

/** The registered consumers of a stream, by name. Fails with `not_found`. */
export async function listConsumers(deps: { pool: Pool }, name: string): Promise<Consumer[]> {
  const rows = await drizzle(deps.pool)
    .select({ name: consumer.name, createdAt: consumer.createdAt })
    .from(stream)
    .leftJoin(consumer, eq(consumer.streamId, stream.id))
    .where(eq(stream.name, name))
    .orderBy(asc(consumer.name))
    .catch((error: unknown) => {
      throw toMillraceError(error, `listing the consumers of "${name}"`)
    })
  if (rows.length === 0) throw streamNotFound(name)
  return rows.flatMap(({ name, createdAt }) =>
    name === null || createdAt === null ? [] : { name, createdAt },
  )
}

/** One registered consumer. Fails with `not_found`. */
export async function describeConsumer(
  deps: { pool: Pool },
  input: { stream: string; consumer: string },
): Promise<Consumer> {
  const all = await listConsumers(deps, input.stream)
  const found = all.find(({ name }) => name === input.consumer)
  if (!found) throw consumerNotFound(input.stream, input.consumer)
  return found
}

export function consumerNotFound(stream: string, name: string): MillraceError {
  return new MillraceError(
    'not_found',
    `stream "${stream}" has no consumer "${name}"; register it with: millrace stream consumers ${stream} --register ${name}`,
    { details: { stream, consumer: name } },
  )
}

import { asc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { shard, stream } from '../db/schema/log.ts'

export interface Shard {
  /** Unique in the database; names the shard in SQL. */
  id: number
  /** Its place in the stream, from 0; names the shard to people. Never reused. */
  number: number
  state: 'open' | 'closed'
  hashStart: bigint
  hashEnd: bigint
  /** Numbers of the shards it came from. */
  parents: number[]
  createdSeq: bigint
  /** The last number it will ever hold; null while it is open. */
  closedSeq: bigint | null
}

export interface Stream {
  id: number
  name: string
  mode: 'on_demand' | 'provisioned'
  retentionHours: number
  maxRecordBytes: number
  createdAt: Date
  /** All its shards by number. */
  shards: Shard[]
}

/** One stream with its shards. Fails with `not_found`. */
export async function describeStream(deps: { pool: Pool }, name: string): Promise<Stream> {
  const db = drizzle(deps.pool)
  const rows = await db
    .select()
    .from(stream)
    .innerJoin(shard, eq(shard.streamId, stream.id))
    .where(eq(stream.name, name))
    .orderBy(asc(shard.number))
  const first = rows[0]
  if (!first)
    throw new MillraceError(
      'not_found',
      `stream "${name}" does not exist; create it with: millrace stream create ${name}`,
      { details: { stream: name } },
    )
  return { ...first.stream, shards: rows.map((row) => row.shard) }
}

/** The shard of `stream` with this number. Fails with `not_found`. */
export function shardOf(stream: Stream, number: number): Shard {
  const found = stream.shards.find((shard) => shard.number === number)
  if (found) return found
  throw new MillraceError(
    'not_found',
    `stream "${stream.name}" has no shard ${number}; it has ${stream.shards.map((shard) => shard.number).join(', ')}`,
    { details: { stream: stream.name, shard: number } },
  )
}

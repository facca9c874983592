import { and, asc, eq, getTableColumns, or, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { shard, stream } from '../db/schema/log.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { formatShardName } from './shard-name.ts'
import { streamNotFound } from './stream-not-found.ts'

export interface Shard {
  /** Unique in the database; names the shard in SQL. */
  id: number
  /** Its place in the stream, from 0; names the shard to people. Never reused. */
  number: number
  state: 'open' | 'closed'
  hashStart: bigint
  hashEnd: bigint
  /** Numbers of the shards it came from: one when it was split off, two when they were merged. */
  parents: number[]
  /** No sequence number of its own is smaller. */
  createdSeq: bigint
  /** No number of its own is larger, its children's are; null while it is open. */
  closedSeq: bigint | null
  /** What opened it; `hot`: its parent took more than an on-demand shard should. */
  origin: 'create' | 'split' | 'merge' | 'scale' | 'hot'
}

export interface Stream {
  id: number
  name: string
  mode: 'on_demand' | 'provisioned'
  /** `deleting` once it takes no more records. */
  status: 'active' | 'deleting'
  retentionHours: number
  maxRecordBytes: number
  /** What a shard takes in a second: beyond it, a provisioned stream refuses and an on-demand one splits. */
  shardBytesPerSecond: number
  shardRecordsPerSecond: number
  /** Whether shared reads of a shard are held to 2 MiB and 5 calls a second. */
  limitReads: boolean
  tags: Record<string, string>
  createdAt: Date
  /** The smallest number that is still returned: what is older has passed the retention. */
  horizonSeq: bigint
  /** Its shards by number: the open ones, and the closed ones whose end is inside the retention. */
  shards: Shard[]
}

/** What a shard takes in a second where the stream does not say. Provisioned: Amazon Kinesis' own figures. */
export const shardRates = {
  provisioned: { bytes: 1_048_576, records: 1_000 },
  on_demand: { bytes: 8_388_608, records: 10_000 },
} as const

/** One stream with its shards. Fails with `not_found`. */
export async function describeStream(deps: { pool: Pool }, name: string): Promise<Stream> {
  const horizon = sql<string>`millrace.horizon(${stream}.*)`
  const rows = await drizzle(deps.pool)
    .select({ stream: getTableColumns(stream), shard: getTableColumns(shard), horizon })
    .from(stream)
    .innerJoin(
      shard,
      and(
        eq(shard.streamId, stream.id),
        or(eq(shard.state, 'open'), sql`${shard.closedSeq} >= ${horizon}`),
      ),
    )
    .where(eq(stream.name, name))
    .orderBy(asc(shard.number))
    .catch((error: unknown) => {
      throw toMillraceError(error, `looking up stream "${name}"`)
    })
  const first = rows[0]
  if (!first) throw streamNotFound(name)
  const { trimSeq: _, shardBytesPerSecond, shardRecordsPerSecond, ...found } = first.stream
  const shards = rows.map((row) => row.shard)
  const rates = shardRates[found.mode]
  return {
    ...found,
    status: shards.some((shard) => shard.state === 'open') ? 'active' : 'deleting',
    shardBytesPerSecond: shardBytesPerSecond ?? rates.bytes,
    shardRecordsPerSecond: shardRecordsPerSecond ?? rates.records,
    horizonSeq: BigInt(first.horizon),
    shards,
  }
}

/** The shard of `stream` with this number. Fails with `not_found`. */
export function shardOf(stream: Stream, number: number): Shard {
  const found = stream.shards.find((shard) => shard.number === number)
  if (found) return found
  throw new MillraceError(
    'not_found',
    `stream "${stream.name}" has no ${formatShardName(number)}; it has ${stream.shards.map((shard) => shard.number).join(', ')}`,
    { details: { stream: stream.name, shard: number } },
  )
}

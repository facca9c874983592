import type { Pool } from 'pg'
import { MillraceError } from '../../../base/errors.ts'
import { shardRates } from '../../../log/describe-stream.ts'
import type { HashRange } from '../../../log/hash-ring.ts'
import { streamNotFound } from '../../../log/stream-not-found.ts'

export interface OpenShard extends HashRange {
  id: number
  number: number
}

/** Where a stream's records go, and what it takes. */
export interface Route {
  stream: string
  /** Its open shards, ascending by hash key. */
  shards: readonly OpenShard[]
  maxRecordBytes: number
  /** What a shard takes in a second; null when it refuses nothing. */
  rate: { records: number; bytes: number } | null
}

/** The route as it is now, read through a pool or inside a transaction. Fails with `not_found`. */
export async function readRoute(client: Pick<Pool, 'query'>, stream: string): Promise<Route> {
  const { rows } = await client.query<{
    id: number | null
    number: number
    hash_start: string
    hash_end: string
    mode: 'on_demand' | 'provisioned'
    max_record_bytes: number
    shard_bytes_per_second: number | null
    shard_records_per_second: number | null
  }>(
    `select sh.id, sh.number, sh.hash_start, sh.hash_end, st.mode, st.max_record_bytes,
            st.shard_bytes_per_second, st.shard_records_per_second
       from millrace.stream st
       left join millrace.shard sh on sh.stream_id = st.id and sh.state = 'open'
      where st.name = $1
      order by sh.hash_start`,
    [stream],
  )
  const [first] = rows
  if (!first) throw streamNotFound(stream)
  if (first.id === null)
    throw new MillraceError(
      'not_found',
      `stream "${stream}" is being deleted; name another one, or create it anew when it is gone`,
      { details: { stream } },
    )
  const { provisioned } = shardRates
  return {
    stream,
    shards: rows.map((row) => ({
      id: row.id ?? 0,
      number: row.number,
      hashStart: BigInt(row.hash_start),
      hashEnd: BigInt(row.hash_end),
    })),
    maxRecordBytes: first.max_record_bytes,
    rate:
      first.mode === 'provisioned'
        ? {
            records: first.shard_records_per_second ?? provisioned.records,
            bytes: first.shard_bytes_per_second ?? provisioned.bytes,
          }
        : null,
  }
}
